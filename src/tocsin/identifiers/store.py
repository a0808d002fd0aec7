"""Store identifiers: each once, however many workers find it at the same moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from tocsin.identifiers.extract import Found
from tocsin.identifiers.models import Identifier, key_of
from tocsin.lib.ask import ask
from tocsin.lib.rows import insert_missing, new
from tocsin.lib.writing import write

CHUNK = 500  # rows a statement: SQLite limits the variables


def key_for(found: Found) -> str:
    """The key under which this identifier is, or will be, stored."""
    return key_of(found.kind, found.platform, found.canonical)


def store(found: Iterable[Found]) -> dict[str, Identifier]:
    """Get or create the rows of these identifiers, by key (`key_of`). Joins a transaction that is open."""
    ids, rows = list(store_ids(found).values()), list[Identifier]()
    for start in range(0, len(ids), CHUNK):
        rows += Identifier.objects.filter(pk__in=ids[start : start + CHUNK])
    return {row.key: row for row in rows}


def store_ids(found: Iterable[Found]) -> dict[str, int]:
    """As `store`, for who needs no more than the primary keys: one statement, three where something is new.

    Two writers at once: the unique key decides, and both read the row that stayed. Keys are written in sorted
    order, so that two writers cannot wait for each other.
    """
    wanted = {key_for(one): one for one in found}
    if not wanted:
        return {}
    ids = _ids(wanted)
    if missing := sorted(wanted.keys() - ids.keys()):
        now = timezone.now()
        with write():
            insert_missing([_row(key, wanted[key], now) for key in missing])
            ids |= _ids(missing)
    return ids


def _row(key: str, found: Found, now: datetime) -> Identifier:
    return new(
        Identifier,
        key=key,
        kind=found.kind,
        platform=found.platform,
        canonical=found.canonical,
        strength=found.strength,
        first_seen_at=now,
    )


def _ids(keys: Iterable[str]) -> dict[str, int]:
    return dict(ask("SELECT key, id FROM identifiers_identifier WHERE key {among}", list(keys)))
