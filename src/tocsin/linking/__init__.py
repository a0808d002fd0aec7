"""Takes: mentions. Gives: links: which tip joins which others by which identifier, how strongly, by which rule.

Never: joins by hubs, bystanders, weak names, or children's and reporters' identifiers; never makes a case.
"""
