"""Takes: the words of mails in the tip mailbox (IMAP). Gives: tips, and one automatic answer a sender a day.

Never: fetches an attachment, answers a machine, or keeps a mail that carried a picture.
"""
