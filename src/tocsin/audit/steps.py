"""The audit room's step."""

from __future__ import annotations

from tocsin.audit import chain as chaining


def chain(limit: int) -> int:
    """Chain committed rows; see `audit/chain.py`."""
    return chaining.chain(limit)
