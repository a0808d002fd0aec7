"""Clocks follow what happens: every change of a case writes a line in its timeline, which is what wakes this step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tocsin.cases.models import Case, CaseEvent
from tocsin.lib import steps
from tocsin.outcomes.clocks import refresh

NEW, MOVED = "outcomes.clocks", "outcomes.clocks.events"


def clocks(limit: int) -> int:
    """Compute the clocks of at most `limit` cases that are new or in which something happened; how many."""
    new = Case.objects.filter(clock__isnull=True)
    done = steps.work(NEW, steps.pending(NEW, new, limit), _batch)
    steps.tidy(NEW, new, Case.objects.all(), "opened_at")
    return done + _moved(limit)


def _moved(limit: int) -> int:
    """Cases whose timeline grew: lines above the low-water mark, in cases whose clock has counted another number."""
    fresh = _stale_events().filter(pk__gt=steps.low_water(MOVED))
    ids = list(fresh.order_by().values_list("case_id", flat=True).distinct()[:limit])
    cases = list(Case.objects.filter(pk__in=ids).exclude(pk__in=steps.waiting(NEW)))
    done = steps.work(NEW, cases, _batch)
    steps.tidy(MOVED, _stale_events(), CaseEvent.objects.all(), "at")
    return done


def _stale_events() -> QuerySet[CaseEvent]:
    count = (
        CaseEvent.objects.filter(case=OuterRef("case"))
        .order_by()
        .values("case")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = CaseEvent.objects.filter(case__clock__isnull=False)
    return rows.annotate(n=Coalesce(Subquery(count), 0)).filter(
        Q(case__clock__events_seen__isnull=True) | ~Q(case__clock__events_seen=F("n"))
    )


def _batch(cases: Sequence[Case]) -> None:
    refresh(cases)
