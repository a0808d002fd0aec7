"""The post room's step."""

from __future__ import annotations

from tocsin.post.send import send_due


def send(limit: int) -> int:
    """Hand what is due to the mail server; see `post/send.py`."""
    return send_due(limit)
