"""Identifiers: every spelling of an account, group, site or payment becomes one canonical identifier.

Takes free text; gives canonical identifiers with their spans and strength, and the rows that store them.
Never asks the network anything, and never decides who is a suspect.
"""
