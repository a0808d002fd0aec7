"""Takes: data files and confirmations by people. Gives: who can act, and by which confirmed route.

Never: hands out a route that no person confirmed.
"""
