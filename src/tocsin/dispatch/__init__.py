"""Takes: assessed cases. Gives: plans, notices, referrals, holds and reply pages: the only door out for case matter.

Never: sends what a second person did not approve, what a hold binds, or a word of a narrative nobody ticked.
"""
