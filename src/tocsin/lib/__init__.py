"""Takes: nothing from any other room. Gives: sealing, tokens, writing, steps, places: the ground, without business.

Never: knows what a tip, a case or a dispatch is.
"""
