"""What a group may earn a month: members times fee, a range in each currency, every figure with its source.

Nothing is converted, mixed or guessed: a bare 元, ¥ or $ is a currency of its own ("nobody said which"), an entrance fee
is no income a month, and without a member count there is no sum. The range goes from "all pay the lowest fee, of the
lowest count" to "all pay the highest": how many pay which tier is not known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django.utils import timezone

from tocsin.cases import observations
from tocsin.cases.models import Case
from tocsin.cases.observations import Line
from tocsin.identifiers.models import Identifier
from tocsin.lib.ask import ask, time_of

FILE = Path(__file__).parent / "data" / "earnings.toml"
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Count:
    """Somebody's word on how many members there were."""

    at: datetime
    members: int


@dataclass(frozen=True, slots=True)
class Month:
    """The member counts of one calendar month (UTC), and the income that they allow, by currency."""

    first_day: datetime
    low: int
    high: int
    incomes: tuple[Income, ...]


@dataclass(frozen=True, slots=True)
class Income:
    """A range a month in one currency (empty: nobody said which)."""

    currency: str
    members: tuple[int, int]
    fees: tuple[Decimal, Decimal]  # a month, lowest and highest

    @property
    def low(self) -> Decimal:
        """Everybody of the lowest count pays the lowest fee."""
        return (self.members[0] * self.fees[0]).quantize(CENT)

    @property
    def high(self) -> Decimal:
        """Everybody of the highest count pays the highest fee."""
        return (self.members[1] * self.fees[1]).quantize(CENT)


@dataclass(frozen=True, slots=True)
class Tier:
    """A fee that is paid again and again; `line` says who says so, and when."""

    number: int  # 1: the cheapest of its currency
    line: Line
    monthly: Decimal


@dataclass(slots=True)
class Earning:
    """All that is known of what one group (None: the case as a whole) takes in."""

    identifier: Identifier | None
    counts: list[Count] = field(default_factory=list)  # by time
    members: list[Line] = field(default_factory=list)  # the same, with their sources
    tiers: list[Tier] = field(default_factory=list)
    once: list[Line] = field(default_factory=list)  # paid once
    unclear: list[Line] = field(default_factory=list)  # nobody said how often
    months: list[Month] = field(default_factory=list)

    @property
    def about(self) -> str:
        """The group, inert; empty: the case as a whole."""
        return observations.shown(self.identifier)

    @property
    def incomes(self) -> tuple[Income, ...]:
        """Those of the last month in which members were counted."""
        return self.months[-1].incomes if self.months else ()

    @property
    def grown(self) -> int:
        """Members now less members first."""
        return self.counts[-1].members - self.counts[0].members if self.counts else 0


@lru_cache(maxsize=1)
def _times_a_year() -> dict[str, int]:
    return dict(tomllib.loads(FILE.read_text(encoding="utf-8"))["times_a_year"])


def monthly(amount: Decimal, period: str) -> Decimal | None:
    """The same a month, not rounded; None where it is not paid again and again, or nobody said how often."""
    times = _times_a_year().get(period)
    return None if times is None else amount * times / 12


def of(case: Case, lines: Sequence[Line] | None = None) -> list[Earning]:
    """What the groups of the case may earn, the best known first. `lines`: the case's, where they are at hand."""
    lines = observations.of_case(case) if lines is None else lines
    found: dict[int | None, Earning] = {}
    for line in lines:
        if line.kind in ("members", "fee"):
            key = line.identifier.pk if line.identifier else None
            _add(found.setdefault(key, Earning(line.identifier)), line)
    for key, counts in _counts(case).items():
        if key in found:
            found[key].counts = counts
    for one in found.values():
        _number_tiers(one)
        one.months = list(_months(one))
    return sorted(found.values(), key=lambda one: (not one.incomes, -len(one.tiers), one.about))


def _add(earning: Earning, line: Line) -> None:
    if line.kind == "members":
        earning.members.append(line)
    elif line.amount is not None and (each := monthly(line.amount, line.period)) is not None:
        earning.tiers.append(Tier(0, line, each))
    else:
        (earning.once if line.period == "once" else earning.unclear).append(line)


def _number_tiers(earning: Earning) -> None:
    """From the cheapest up, in each currency; two people's word on one fee is one tier."""
    numbers: dict[tuple[str, Decimal], int] = {}
    for currency in {tier.line.currency for tier in earning.tiers}:
        fees = sorted({tier.monthly for tier in earning.tiers if tier.line.currency == currency})
        numbers |= {(currency, fee): at for at, fee in enumerate(fees, start=1)}
    numbered = [
        Tier(numbers[tier.line.currency, tier.monthly], tier.line, tier.monthly) for tier in earning.tiers
    ]
    earning.tiers = sorted(numbered, key=lambda tier: (tier.line.currency, tier.number, tier.line.grade))


def _counts(case: Case) -> dict[int | None, list[Count]]:
    """Every count with its time: what `Line` has put together is told apart again. Two queries, of plain values."""
    stated = (
        "SELECT o.identifier_id, o.observed_at, o.amount FROM cases_casetip c"
        " JOIN cases_observation o ON o.tip_id = c.tip_id WHERE c.case_id = %s AND o.kind = 'members'"
    )
    seen = "SELECT identifier_id, observed_at, amount FROM cases_observation WHERE case_id = %s AND kind = 'members'"
    rows = [
        (identifier, time_of(at), amount)
        for identifier, at, amount in ask(stated, case.pk) + ask(seen, case.pk)
    ]
    found: dict[int | None, list[Count]] = {}
    for identifier, at, amount in sorted(rows, key=lambda row: row[1]):
        found.setdefault(identifier, []).append(Count(at, int(amount or 0)))
    return found


def _months(earning: Earning) -> Iterable[Month]:
    by_month: dict[datetime, list[int]] = {}
    for count in earning.counts:
        by_month.setdefault(_first_day(count.at), []).append(count.members)
    for day, members in sorted(by_month.items()):
        low, high = min(members), max(members)
        yield Month(day, low, high, _incomes(earning, low, high))


def _incomes(earning: Earning, low: int, high: int) -> tuple[Income, ...]:
    fees: dict[str, list[Decimal]] = {}
    for tier in earning.tiers:
        fees.setdefault(tier.line.currency, []).append(tier.monthly)
    return tuple(
        Income(currency, (low, high), (min(some), max(some))) for currency, some in sorted(fees.items())
    )


def _first_day(at: datetime) -> datetime:
    return at.astimezone(timezone.get_default_timezone()).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
