"""Clocks follow what happens: every change of a case writes a line in its timeline, which is what wakes this step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tocsin.cases.models import Case, CaseEvent
from tocsin.lib import steps
from tocsin.outcomes.clocks import refresh
from tocsin.outcomes.models import CaseClock

NEW, MOVED = "outcomes.clocks", "outcomes.clocks.events"


def clocks(limit: int) -> int:
    """Compute the clocks of at most `limit` cases that are new or in which something happened; how many."""
    new = Case.objects.filter(clock__isnull=True)
    done = steps.work(NEW, steps.pending(NEW, new, limit), _batch)
    steps.tidy(NEW, new, Case.objects.all(), "opened_at")
    return done + _moved(limit)


def _moved(limit: int) -> int:
    """Cases whose timeline grew: lines above the low-water mark, in cases whose clock has counted another number."""
    stale = _stale(steps.low_water(MOVED))
    ids = list(stale.exclude(case__in=steps.waiting(NEW)).values_list("case_id", flat=True)[:limit])
    done = steps.work(NEW, list(Case.objects.filter(pk__in=ids)), _batch) if ids else 0
    lines = CaseEvent.objects.filter(case__in=stale.values("case"))
    steps.tidy(MOVED, lines, CaseEvent.objects.all(), "at")
    return done


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
