"""Takes: answers to dispatches. Gives: a case's clock from received to all accounts gone and arrested.

Never: counts what nobody answered as done.
"""
