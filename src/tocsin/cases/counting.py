"""What is counted over a whole case: independent reporters, and by how much a group grew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min

from tocsin.cases import stating
from tocsin.lib.ask import ask
from tocsin.linking.reporters import independent_of_cases

MEMBERS = "members"
LOOKED_AT = (
    200  # tips of a case by which reporters are told apart: a storm costs no more, "several" is far below
)


_SIZES = "SELECT case_id, COUNT(*) FROM cases_casetip WHERE case_id {among} GROUP BY case_id"
_SIZES_UP_TO = """SELECT c.id,
    (SELECT COUNT(*) FROM (SELECT 1 FROM cases_casetip t WHERE t.case_id = c.id LIMIT %s) some_tips)
    FROM cases_case c WHERE c.id {among}"""
_TIPS = "SELECT case_id, tip_id FROM cases_casetip WHERE case_id {among} ORDER BY id"


def sizes_of(case_ids: Iterable[int]) -> dict[int, int]:
    """Case -> how many tips are in it now; a case without tips is missing. One query, which counts all of them."""
    return dict(ask(_SIZES, list(case_ids)))


def sizes_up_to(case_ids: Iterable[int], most: int) -> dict[int, int]:
    """Case -> how many tips are in it, where it has fewer than `most`; else `most`. A storm costs no more."""
    return dict(ask(_SIZES_UP_TO, most, list(case_ids)))


def growth_of(case_ids: Iterable[int]) -> dict[int, int]:
    """Case -> by how many percent a group of it grew, the most of its groups. Two queries, grouped by the database.

    From the count that was stated first to the one that was stated last; a group counted once has not grown.
    """
    spans: dict[tuple[int, int], list[tuple[Any, Any, Any]]] = {}
    asked = list(case_ids)
    for rows, place in zip(stating.of_cases(asked), ("tip__case_tip__case", "case"), strict=True):
        counts_of = rows.filter(kind=MEMBERS, identifier__isnull=False, amount__gt=0)
        said = counts_of.values_list(place, "identifier_id", "amount")
        for case, identifier, amount, first, last in said.annotate(
            first=Min("observed_at"), last=Max("observed_at")
        ):
            spans.setdefault((case, identifier), []).append((first, last, amount))
    grown: dict[int, int] = {}
    for (case, _identifier), counts in spans.items():
        before = min(counts, key=lambda count: (count[0], count[2]))[2]
        now = max(counts, key=lambda count: (count[1], count[2]))[2]
        grown[case] = max(grown.get(case, 0), int((now - before) * 100 / before))
    return grown


def first_tips(case_ids: Iterable[int]) -> dict[int, list[int]]:
    """Case -> the ids of its first tips, in the order in which they came into a case: those that are looked at.

    One query, which reads all tips of these cases: for small ones.
    """
    found: dict[int, list[int]] = {case: [] for case in case_ids}
    for case, tip in ask(_TIPS, list(found)) if found else ():
        if len(found[case]) < LOOKED_AT:
            found[case].append(tip)
    return found


def reporters_of(tips: Mapping[int, Sequence[int]]) -> dict[int, Decimal]:
    """Case -> how many independent reporters these tips of it have; unknown ones count half, and not without end."""
    return {case: count.value for case, count in independent_of_cases(tips).items()}
