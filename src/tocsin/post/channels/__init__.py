"""One folder a channel, each with one `transport.py`; see CONTRIBUTING for the files that a new one touches."""
