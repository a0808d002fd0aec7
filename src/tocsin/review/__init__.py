"""Takes: a case and a trained person. Gives: assessments, and the page on which a second person approves.

Never: lets one person do both, or shows something else than what is approved.
"""
