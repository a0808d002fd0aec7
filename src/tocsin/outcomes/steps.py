"""Clocks follow what happens: every change of a case writes a line in its timeline, which is what wakes this step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tocsin.cases.models import Case, CaseEvent
from tocsin.lib import steps
from tocsin.lib.ask import ask
from tocsin.outcomes.clocks import events_of, refresh
from tocsin.outcomes.models import CaseClock

NEW, MOVED = "outcomes.clocks", "outcomes.clocks.events"
LINES = 10  # lines of timelines that are looked at for each case that may be done
_LAST = "SELECT COALESCE(MAX(id), 0) FROM cases_caseevent"
_LINES = "SELECT id, case_id FROM cases_caseevent WHERE id > %s ORDER BY id LIMIT %s"
_COUNTED = "SELECT case_id, events_seen FROM outcomes_caseclock WHERE case_id {among}"


def clocks(limit: int) -> int:
    """Compute the clocks of at most `limit` cases that are new, and of as many in which something happened."""
    new = Case.objects.filter(clock__isnull=True)
    since = steps.follows_from(MOVED)
    moved, upto = _above_the_mark(limit) if since is None else _since(since, limit)
    cases = steps.pending(NEW, new.only("number"), limit) + (_not_waiting(moved) if moved else [])
    done = steps.work(NEW, cases, _batch)
    steps.tidy(NEW, new, Case.objects.all(), "opened_at")
    if upto is not None:
        steps.followed(MOVED, upto)
    if since is None:
        lines = CaseEvent.objects.filter(case__in=_stale(steps.low_water(MOVED)).values("case"))
        steps.tidy(MOVED, lines, CaseEvent.objects.all(), "at")
    return done


def _not_waiting(ids: Sequence[int]) -> list[Case]:
    return list(Case.objects.filter(pk__in=ids).exclude(pk__in=steps.waiting(NEW)).only("number"))


def _above_the_mark(limit: int) -> tuple[list[int], int | None]:
    """Cases whose timeline has another number of lines than their clock has counted, by all lines above the mark.

    And up to which line these are all; None where there are more.
    """
    ((last,),) = ask(_LAST)
    stale = _stale(steps.low_water(MOVED)).exclude(case__in=steps.waiting(NEW))
    ids = list(stale.values_list("case_id", flat=True)[:limit])
    return ids, last if len(ids) < limit else None


def _since(line: int, limit: int) -> tuple[list[int], int]:
    """The lines that came since: cases, and up to which line they are all. In a storm nothing is read twice."""
    upto, cases = line, dict[int, None]()
    for pk, case in ask(_LINES, line, limit * LINES):
        if case not in cases and len(cases) >= limit:
            break
        upto, cases[case] = pk, None
    if not cases:
        return [], upto
    counted, seen = events_of(cases), dict(ask(_COUNTED, list(cases)))
    # a case without a clock is a new one
    return [case for case, number in counted.items() if case in seen and seen[case] != number], upto


def _stale(below: int) -> QuerySet[CaseClock]:
    """Clocks of cases that have a line above this one, and another number of lines than the clock has counted."""
    moved = CaseEvent.objects.filter(pk__gt=below).order_by().values("case")
    count = (
        CaseEvent.objects.filter(case=OuterRef("case"))
        .order_by()
        .values("case")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = CaseClock.objects.filter(case__in=moved).annotate(n=Coalesce(Subquery(count), 0)).order_by()
    return rows.filter(Q(events_seen__isnull=True) | ~Q(events_seen=F("n")))


def _batch(cases: Sequence[Case]) -> None:
    refresh(cases)
