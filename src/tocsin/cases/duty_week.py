"""The rota in words: a week, day by day, who is called first and where nobody is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from tocsin.accounts.models import User
from tocsin.cases import duty
from tocsin.cases.models import Duty


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one day in which the same people are on duty, in the order of calling; empty: a gap."""

    begins: datetime
    ends: datetime
    people: tuple[User, ...]
    unsettled: bool  # several people share a place: who is called first is chance

    @property
    def names(self) -> list[str]:
        """The people, as the pages call them."""
        return [duty.named(user) for user in self.people]

    @property
    def hours(self) -> str:
        """`08:00 to 16:00`; the end of the day is 24:00."""
        end = "24:00" if self.ends.date() > self.begins.date() else f"{self.ends:%H:%M}"
        return _("%(begins)s to %(ends)s") % {"begins": f"{self.begins:%H:%M}", "ends": end}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the rota."""

    date: date
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the rota, in its zone; `duties` are the rows that touch it."""

    monday: date
    days: list[Day]
    duties: Sequence[Duty]
    gap: timedelta  # in which nobody is on duty

    @property
    def before(self) -> date:
        """Monday of the week before."""
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        """Monday of the next week."""
        return self.monday + timedelta(days=7)

    @property
    def gap_hours(self) -> float:
        """Hours of the week in which nobody is on duty."""
        return self.gap.total_seconds() / 3600


def zone() -> ZoneInfo:
    """The zone in which the rota is written and read."""
    return ZoneInfo(settings.DUTY_ZONE)


def week(day: date) -> Week:
    """The week in which this day lies, Monday first. One query."""
    monday = day - timedelta(days=day.weekday())
    rows = duty.between(_midnight(monday), _midnight(monday + timedelta(days=7)))
    days = [_day(monday + timedelta(days=n), rows) for n in range(7)]
    # in UTC, so that the hour of a clock change is counted as it is
    gaps = [
        span.ends.timestamp() - span.begins.timestamp()
        for one in days
        for span in one.spans
        if not span.people
    ]
    return Week(monday, days, rows, timedelta(seconds=sum(gaps)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone())


def _day(day: date, rows: Sequence[Duty]) -> Day:
    """Cut the day wherever somebody begins or ends; stretches with the same people are one."""
    begins, ends, here = _midnight(day), _midnight(day + timedelta(days=1)), zone()
    edges = {moment.astimezone(here) for row in rows for moment in (row.begins, row.ends)}
    cuts = sorted({begins, ends, *(edge for edge in edges if begins < edge < ends)}, key=datetime.timestamp)
    spans: list[Span] = []
    for start, end in pairwise(cuts):
        there = [
            row for row in rows if row.begins <= start and row.ends >= end and duty.can_be_called(row.user)
        ]
        span = Span(start, end, _once(there), len({row.place for row in there}) < len(there))
        if spans and (spans[-1].people, spans[-1].unsettled) == (span.people, span.unsettled):
            span = Span(spans.pop().begins, end, span.people, span.unsettled)
        spans.append(span)
    return Day(day, spans)


def _once(rows: Sequence[Duty]) -> tuple[User, ...]:
    return tuple({row.user.pk: row.user for row in rows}.values())
