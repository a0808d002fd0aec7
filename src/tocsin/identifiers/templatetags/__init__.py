"""Template tags of the identifiers' pages."""
