"""Takes: all rooms. Gives: settings, URLs, start-up checks, the worker's list of steps, base templates.

Never: holds business.
"""
