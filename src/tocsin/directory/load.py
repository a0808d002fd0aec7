"""Load the demonstration's invented recipients from data/demonstration.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.utils import timezone

from tocsin.audit.record import record
from tocsin.directory.models import Recipient, Route
from tocsin.lib.writing import write

DATA = Path(__file__).parent / "data" / "demonstration.toml"
FIELDS = (
    "name",
    "kind",
    "country",
    "cities",
    "platforms",
    "host_suffixes",
    "languages",
    "source",
    "demonstration",
)


class NotADemonstration(ValueError):
    """A row of the demonstration names an address that could reach a real desk."""


def load_demonstration(actor: str = "cli:demo") -> int:
    """Write the invented recipients and confirm their `.example` routes. Returns how many rows were read.

    Safe to run again: rows are found by their key, and a route's confirmation is never renewed. Raises
    `NotADemonstration` before anything is written if an address is not under `.example` (RFC 2606).
    """
    rows: list[dict[str, Any]] = tomllib.loads(DATA.read_text(encoding="utf-8"))["recipient"]
    for row in rows:
        if not row["route_email"].endswith(".example"):
            raise NotADemonstration(f"{row['key']}: the demonstration holds addresses under .example only.")
    with write():
        made = sum(_save(row) for row in rows)
        if made:
            record(actor, "directory.demonstration", "directory", recipients=made)
    return len(rows)


def _save(row: dict[str, Any]) -> bool:
    """One recipient with its route; True if it is new."""
    defaults = {name: row[name] for name in FIELDS} | {"source_date": row["date"]}
    recipient, made = Recipient.objects.update_or_create(key=row["key"], defaults=defaults)
    Route.objects.get_or_create(
        recipient=recipient,
        channel="email",
        address=row["route_email"],
        defaults={"confirmed_at": timezone.now()},
    )
    return made
