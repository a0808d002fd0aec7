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
        made = _save(rows)
        if made:
            record(actor, "directory.demonstration", "directory", recipients=made)
    return len(rows)


def _save(rows: list[dict[str, Any]]) -> int:
    """Recipients by key, each with its route; returns how many are new. Four queries."""
    keys = [row["key"] for row in rows]
    known = Recipient.objects.filter(key__in=keys).count()
    Recipient.objects.bulk_create(
        (
            Recipient(key=row["key"], source_date=row["date"], **{name: row[name] for name in FIELDS})
            for row in rows
        ),
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[*FIELDS, "source_date"],
    )
    ids = dict(Recipient.objects.filter(key__in=keys).values_list("key", "pk"))
    now = timezone.now()
    Route.objects.bulk_create(
        (
            Route(recipient_id=ids[row["key"]], channel="email", address=row["route_email"], confirmed_at=now)
            for row in rows
        ),
        ignore_conflicts=True,  # a route that is there keeps its confirmation, or the lack of it
    )
    return len(rows) - known
