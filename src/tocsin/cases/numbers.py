"""Case numbers without a race, and the gate through which placing, opening and merging pass one at a time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from tocsin.cases.models import CaseNumber

GATE = 0  # no year: the row that is locked


def gate() -> None:
    """Wait for one's turn; to be called first in a write transaction that decides which tips belong together.

    On PostgreSQL two workers would otherwise both find no case for an identifier and open one each. On SQLite
    `write()` lets only one in anyway.
    """
    _lock(GATE)


def next_number(at: datetime | None = None) -> str:
    """The next number of the year (UTC) in which the case opens: `2026-000123`. Inside `with write():`."""
    return next_numbers(1, at)[0]


def next_numbers(count: int, at: datetime | None = None) -> list[str]:
    """`count` numbers in a row. A transaction that fails gives its numbers back: there are no gaps."""
    year = (at or timezone.now()).year
    last = _lock(year).last
    CaseNumber.objects.filter(year=year).update(last=F("last") + count)
    return [f"{year}-{number:06d}" for number in range(last + 1, last + count + 1)]


def _lock(year: int) -> CaseNumber:
    CaseNumber.objects.bulk_create([CaseNumber(year=year)], ignore_conflicts=True)
    return CaseNumber.objects.select_for_update().get(year=year)
