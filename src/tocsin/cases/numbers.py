"""Case numbers without a race, and the gate through which placing, opening and merging pass one at a time."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

from tocsin.cases.models import CaseNumber

GATE = 0  # no year: the row that is locked


def gate() -> None:
    """Wait for one's turn; to be called first in a write transaction that decides which tips belong together.

    On PostgreSQL two workers would otherwise both find no case for an identifier and open one each. On SQLite
    `write()` lets only one in anyway.
    """
    if connection.vendor != "sqlite" and not _locked(GATE):
        _make(GATE)
        _locked(GATE)


def next_number(at: datetime | None = None) -> str:
    """The next number of the year (UTC) in which the case opens: `2026-000123`. Inside `with write():`."""
    return next_numbers(1, at)[0]


def next_numbers(count: int, at: datetime | None = None) -> list[str]:
    """`count` numbers in a row. A transaction that fails gives its numbers back: there are no gaps."""
    year = (at or timezone.now()).year
    if (last := _raise(year, count)) is None:
        _make(year)
        last = _raise(year, count) or count
    last -= count
    return [f"{year}-{number:06d}" for number in range(last + 1, last + count + 1)]


def _locked(year: int) -> bool:
    return CaseNumber.objects.select_for_update().filter(year=year).first() is not None


def _make(year: int) -> None:
    CaseNumber.objects.bulk_create([CaseNumber(year=year)], ignore_conflicts=True)


def _raise(year: int, count: int) -> int | None:
    """Allot numbers, which locks the row; the last of them, or None in a year that has no row yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_casenumber SET last = last + %s WHERE year = %s RETURNING last", [count, year]
        )
        rows = cursor.fetchall()
    return rows[0][0] if rows else None
