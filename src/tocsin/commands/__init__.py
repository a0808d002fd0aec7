"""The verbs of the command line: thin functions that parse, call a room and print. Outside the import contract."""
