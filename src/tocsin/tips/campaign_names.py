"""What the door may ask about campaigns: whether a name is one, and what it is called."""

from __future__ import annotations

import re

from tocsin.tips.models import Campaign

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")


def active(name: str) -> int | None:
    """The id of a running campaign; None for any other name."""
    if not name or not NAME.fullmatch(name):
        return None
    return Campaign.objects.filter(name=name, active=True).values_list("pk", flat=True).first()


def title(name: str) -> str:
    """What the page of a running campaign calls it; empty for any other name."""
    if not NAME.fullmatch(name):
        return ""
    return Campaign.objects.filter(name=name, active=True).values_list("title", flat=True).first() or ""
