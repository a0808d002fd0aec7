"""Takes: who did what to which object, inside the transaction that does it.

Gives: an append-only, chained record and its verification. Never: content, handles, names, addresses.
"""
