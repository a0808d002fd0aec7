"""Takes: text messages to the hotline's chat bot (Telegram Bot API). Gives: tips, and the receipt as the answer.

Never: asks for a picture or a file, stores a name or number of the chat service, or is on by default.
"""
