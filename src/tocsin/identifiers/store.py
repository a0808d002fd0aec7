"""Store identifiers: each once, however many workers find it at the same moment."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from tocsin.identifiers.extract import Found
from tocsin.identifiers.models import Identifier, key_of
from tocsin.lib.writing import write

CHUNK = 500  # rows a statement: SQLite limits the variables


def key_for(found: Found) -> str:
    """The key under which this identifier is, or will be, stored."""
    return key_of(found.kind, found.platform, found.canonical)


def store(found: Iterable[Found]) -> dict[str, Identifier]:
    """Get or create the rows of these identifiers, by key (`key_of`). Joins a transaction that is open.

    Two writers at once: the unique key decides, and both read the row that stayed. Keys are written in sorted
    order, so that two writers cannot wait for each other.
    """
    wanted = {key_for(one): one for one in found}
    rows = _rows(wanted)
    missing = sorted(wanted.keys() - rows.keys())
    if missing:
        with write():
            Identifier.objects.bulk_create(
                [_row(key, wanted[key]) for key in missing], batch_size=CHUNK, ignore_conflicts=True
            )
            rows |= _rows(missing)
    return rows


def _row(key: str, found: Found) -> Identifier:
    return Identifier(
        key=key,
        kind=found.kind,
        platform=found.platform,
        canonical=found.canonical,
        strength=found.strength,
        first_seen_at=timezone.now(),
    )


def _rows(keys: Iterable[str]) -> dict[str, Identifier]:
    asked, rows = list(keys), dict[str, Identifier]()
    for start in range(0, len(asked), CHUNK):
        part = Identifier.objects.filter(key__in=asked[start : start + CHUNK])
        rows |= {row.key: row for row in part}
    return rows
