"""Takes: people, their roles, who may do what. Gives: users, one policy function, the four-eyes row.

Never: lets a room decide access outside `policy.allowed`.
"""
