"""A measured figure against what the contract asks."""

from __future__ import annotations

from typing import Any


def bar(value: float, need: str) -> dict[str, Any]:
    """One line of the contract."""
    sign, bound = need.split()
    return {
        "value": value,
        "need": need,
        "ok": value >= float(bound) if sign == ">=" else value <= float(bound),
    }
