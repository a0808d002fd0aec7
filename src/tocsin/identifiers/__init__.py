"""Takes: free text. Gives: canonical identifiers, one for every spelling, and the rows that store each once.

Never: asks the network anything, or decides who is a suspect.
"""
