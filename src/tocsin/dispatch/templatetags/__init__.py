"""Template tags of the dispatch room."""
