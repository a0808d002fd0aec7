"""Template tags of the page of hubs."""
