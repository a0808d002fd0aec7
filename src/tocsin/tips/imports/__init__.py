"""Takes: exports of chats, tables and reports of other systems. Gives: one quiet tip a message, each only once.

Never: fetches an address, reads a picture, or stores what a file says about anybody but the sender.
"""
