"""Template tags of the statistics room."""
