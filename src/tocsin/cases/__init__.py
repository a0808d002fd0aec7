"""Takes: links. Gives: cases (tips that belong together) with urgency, findings, timeline and the queue.

Never: decides what is illegal, who is guilty, or what leaves the house.
"""
