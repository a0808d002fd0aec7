"""Takes: what reporters send, by web, paste, file. Gives: sealed tips with a receipt, and their mentions.

Never: stores media or an IP address, or tells a reporter whether a thing was known.
"""
