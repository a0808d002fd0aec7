"""The hotline's figures: exact for the house, rounded for everybody.

Public rules: what a hold touches is left out; a number under five reads "fewer than 5"; a median needs ten cases;
where one cell of a table is hidden, the smallest other one is hidden too, so that no subtraction gives it away.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet

from tocsin.cases.models import Case, CaseState
from tocsin.dispatch import holds
from tocsin.dispatch.models import DispatchItem, DispatchKind
from tocsin.dispatch.replies import GONE
from tocsin.outcomes.models import CaseClock
from tocsin.tips.models import Mention, Tip

FEW = 5  # smaller numbers could point at somebody
ENOUGH = 10  # fewer durations make no median worth reading
COUNTS = ("tips", "cases", "notices", "accounts_gone", "cases_all_gone", "arrests")
MEDIANS = {  # name -> (from, to) of a case's clock
    "received_approved": ("received", "approved"),
    "sent_acknowledged": ("sent", "acknowledged"),
    "sent_all_gone": ("sent", "all_gone"),
    "sent_arrested": ("sent", "arrested"),
}
SPEED = (
    ("hour", timedelta(hours=1)),
    ("day", timedelta(days=1)),
    ("week", timedelta(days=7)),
    ("longer", timedelta.max),
)
Figures = dict[str, Any]


def exact() -> Figures:
    """{"counts": {...}, "medians": {name: {"n": cases, "seconds": number | None}}, "gone_within", "gone_kinds"}.

    Without anything that a hold touches; `held_cases` says how many cases that left out.
    """
    held = holds.held_cases()
    cases = Case.objects.exclude(state=CaseState.MERGED).exclude(pk__in=held.values("pk"))
    clocks = CaseClock.objects.filter(case__in=cases.values("pk"))
    items = _items(cases)
    spans = {name: _spans(clocks, *ends) for name, ends in MEDIANS.items()}
    gone = items.filter(answer__in=GONE)
    return {
        "counts": {
            "tips": free_tips(held).count(),
            "cases": cases.count(),
            "notices": items.values("dispatch").distinct().count(),
            "accounts_gone": gone.values("identifier").distinct().count(),
            "cases_all_gone": clocks.filter(all_gone__isnull=False).count(),
            "arrests": clocks.filter(arrested__isnull=False).count(),
        },
        "medians": {
            name: {"n": len(found), "seconds": round(median(found)) if found else None}
            for name, found in spans.items()
        },
        "gone_within": _within(spans["sent_all_gone"]),
        "gone_kinds": dict(
            Counter(kind for kind, _id in gone.values_list("identifier__kind", "identifier").distinct())
        ),
        "held_cases": held.count(),
    }


def free_tips(held: QuerySet[Case]) -> QuerySet[Tip]:
    """Tips that no hold touches: neither by their case nor by what they name."""
    named = Mention.objects.filter(identifier_id__in=holds.binding().values("identifier_id"))
    return Tip.objects.exclude(Q(case_tip__case__in=held.values("pk")) | Q(pk__in=named.values("tip")))


def _items(cases: QuerySet[Case]) -> QuerySet[DispatchItem]:
    """Items of notices that left and were not withdrawn."""
    sent = DispatchItem.objects.filter(dispatch__kind=DispatchKind.NOTICE, dispatch__sent_at__isnull=False)
    return sent.exclude(dispatch__state="withdrawn").filter(dispatch__case__in=cases.values("pk"))


def _spans(clocks: QuerySet[CaseClock], start: str, end: str) -> list[float]:
    """Seconds from one time of the clock to another, for the cases that have both."""
    rows = clocks.filter(**{f"{start}__isnull": False, f"{end}__isnull": False}).values_list(start, end)
    return [max(0.0, (last - first).total_seconds()) for first, last in rows.iterator()]


def _within(seconds: list[float]) -> dict[str, int]:
    """How many fall into each class of `SPEED`."""
    found = dict.fromkeys((name for name, _most in SPEED), 0)
    for span in seconds:
        found[next(name for name, most in SPEED if span <= most.total_seconds())] += 1
    return found


def public(figures: Figures) -> Figures:
    """What may be published of exact figures: key -> {"n"} | {"few"} | {"seconds"} | {"none"} | {"cells"}."""
    found: Figures = {name: count(figures["counts"][name]) for name in COUNTS}
    for name, one in figures["medians"].items():
        found[f"median_{name}"] = {"seconds": one["seconds"]} if one["n"] >= ENOUGH else {"none": True}
    for table in ("gone_within", "gone_kinds"):
        found[table] = {"cells": cells(figures[table])}
    return found


def count(number: int) -> Figures:
    """A number, or that it is too small to be shown."""
    return {"n": number} if number >= FEW else {"few": True}


def cells(table: dict[str, int]) -> list[Figures]:
    """The cells of a table, hidden where small; where only one is hidden, the smallest other one is hidden too."""
    hidden = {key for key, number in table.items() if number < FEW}
    if len(hidden) == 1 and len(table) > 1:
        hidden.add(min((key for key in table if key not in hidden), key=lambda key: (table[key], key)))
    return [{"key": key, **({"hidden": True} if key in hidden else {"n": table[key]})} for key in table]
