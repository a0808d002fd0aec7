"""Takes: finished messages of any room, as rows. Gives: delivery at least once under one Message-ID.

Never: knows what a message is about, and never logs an address or a body.
"""
