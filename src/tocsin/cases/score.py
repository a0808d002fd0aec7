"""Score placed tips: which signals speak, which lane that asks for, and what it means for their cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from tocsin.audit.record import record_many
from tocsin.cases import events, signals
from tocsin.cases.models import LANE_ORDER, Case, CaseTip, Lane, Scored
from tocsin.cases.numbers import gate
from tocsin.lib.writing import write
from tocsin.tips import bodies, marks
from tocsin.tips.models import Mention, Tip

BATCH = 500
KEPT = ["lane", "lane_rank", "lane_reasons", "urgency", "first_received_at", "last_received_at"]


def score_tips(tips: Sequence[Tip]) -> None:
    """Read the tips (outside the transaction), keep their signals, and raise the lanes of their cases."""
    named = dict(
        Mention.objects.filter(tip__in=tips).values_list("tip_id").annotate(n=Count("pk")).order_by()
    )
    low = marks.marked(tips)
    found = {tip.pk: _signals(tip, named.get(tip.pk, 0), tip.pk in low) for tip in tips}
    with write():
        gate()  # so that no case is merged away between reading and raising it
        scored = set(Scored.objects.filter(tip__in=tips).values_list("tip_id", flat=True))
        new = {pk: names for pk, names in found.items() if pk not in scored}
        now = timezone.now()
        Scored.objects.bulk_create(
            [
                Scored(tip_id=pk, lane=signals.lane_of(names), signals=names, at=now)
                for pk, names in new.items()
            ],
            batch_size=BATCH,
        )
        count_in(new)


def _signals(tip: Tip, identifiers: int, marked: bool) -> list[str]:
    text = bodies.text_of(tip)
    answers = {"danger": tip.danger, "about": tip.about, "what": tip.what, "where": tip.where}
    return signals.in_tip(text, answers, identifiers, marked)


def count_in(by_tip: Mapping[int, Iterable[str]]) -> None:
    """Add these tips' signals to their cases. Once a tip; inside `with write():`, behind the gate.

    Gives what `recount` gives, without reading the tips that were counted before.
    """
    by_case: dict[int, Counter[str]] = {}
    for case, tip in CaseTip.objects.filter(tip__in=by_tip).values_list("case_id", "tip_id"):
        by_case.setdefault(case, Counter()).update(set(by_tip[tip]))
    cases = _locked(by_case)
    sizes = dict(
        CaseTip.objects.filter(case__in=by_case).values_list("case").annotate(n=Count("pk")).order_by()
    )
    _keep(cases, [(counted(case) + by_case[case.pk], sizes[case.pk]) for case in cases])


def recount(case_ids: Iterable[int]) -> None:
    """Bring lane, urgency, reporters and times of these cases in line with the tips that are in them now.

    A pure function of the tips and their `Scored` rows: after an undo the case stands as it stood. A case
    without tips keeps its times. Inside `with write():`, behind the gate; the number of queries does not grow.
    """
    cases = _locked(case_ids)
    counts = {case.pk: Counter[str]() for case in cases}
    times: dict[int, list[datetime]] = {case.pk: [] for case in cases}
    rows = CaseTip.objects.filter(case__in=counts).order_by()
    for pk, at, names in rows.values_list("case_id", "tip__received_at", "tip__scored__signals"):
        counts[pk].update(set(names or ()))
        times[pk].append(at)
    for case in cases:
        if times[case.pk]:
            case.first_received_at, case.last_received_at = min(times[case.pk]), max(times[case.pk])
    _keep(cases, [(counts[case.pk], len(times[case.pk])) for case in cases])


def _locked(case_ids: Iterable[int]) -> list[Case]:
    return list(Case.objects.select_for_update().filter(pk__in=set(case_ids)).order_by("pk"))


def _keep(cases: Sequence[Case], found: Sequence[tuple[Counter[str], int]]) -> None:
    """Write what the signals (how many tips gave each) and the number of tips mean for each case."""
    changed = [case for case, (counts, tips) in zip(cases, found, strict=True) if _count(case, counts, tips)]
    Case.objects.bulk_update(cases, KEPT, batch_size=BATCH)
    events.add_many((case, "lane_raised", "worker", None, {"lane": str(case.lane)}) for case in changed)
    record_many(("worker", "case.lane", case.audit_name, {"lane": str(case.lane)}) for case in changed)


def _count(case: Case, counts: Counter[str], tips: int) -> bool:
    """Write the reasons, the urgency and the lane into the case. Returns whether the lane changed."""
    case.lane_reasons = reasons(counts)
    case.urgency = signals.weight_of(counts)
    lane, before = _lane(counts, tips), case.lane
    case.lane, case.lane_rank = lane, LANE_ORDER[lane]
    return lane != before


def _lane(counts: Counter[str], tips: int) -> Lane:
    """The most urgent one of its tips; a case is low as long as each of its tips is a marked sender's."""
    if tips and counts[signals.MARKED] >= tips:
        return Lane.LOW
    return min(signals.lane_of(counts), signals.load().default_lane, key=LANE_ORDER.__getitem__)


def counted(case: Case) -> Counter[str]:
    """How many tips of the case gave each signal."""
    return Counter({reason["signal"]: reason["tips"] for reason in case.lane_reasons})


def reasons(counts: Counter[str]) -> list[dict[str, str | int]]:
    """What `Case.lane_reasons` holds: the most urgent and weightiest signal first."""
    return [{"signal": name, "tips": counts[name]} for name in signals.ordered(counts)]
