"""Score placed tips: which signals speak, which lane that asks for, and what it means for their cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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
    """Add these tips' signals to their cases. Once a tip; inside `with write():`, behind the gate."""
    by_case: dict[int, Counter[str]] = {}
    for case, tip in CaseTip.objects.filter(tip__in=by_tip).values_list("case_id", "tip_id"):
        by_case.setdefault(case, Counter()).update(set(by_tip[tip]))
    cases = list(Case.objects.select_for_update().filter(pk__in=by_case).order_by("pk"))
    sizes = dict(
        CaseTip.objects.filter(case__in=by_case).values_list("case").annotate(n=Count("pk")).order_by()
    )
    raised = [case for case in cases if _count(case, by_case[case.pk], sizes[case.pk])]
    Case.objects.bulk_update(cases, ["lane", "lane_rank", "lane_reasons"], batch_size=BATCH)
    events.add_many((case, "lane_raised", "worker", None, {"lane": str(case.lane)}) for case in raised)
    record_many(("worker", "case.lane", case.audit_name, {"lane": str(case.lane)}) for case in raised)


def _count(case: Case, new: Counter[str], tips: int) -> bool:
    """Add to the reasons and bring the lane up to date. Returns whether it changed."""
    counts = counted(case) + new
    case.lane_reasons = reasons(counts)
    lane = _lane(Lane(case.lane), counts, tips)
    if lane == case.lane:
        return False
    case.lane, case.lane_rank = lane, LANE_ORDER[lane]
    return True


def _lane(now: Lane, counts: Counter[str], tips: int) -> Lane:
    """Software only raises it; but a case is low as long as each of its tips is a marked sender's."""
    if counts[signals.MARKED] >= tips:
        return Lane.LOW
    least = signals.load().default_lane if now == Lane.LOW else now
    return min(signals.lane_of(counts), least, key=LANE_ORDER.__getitem__)


def counted(case: Case) -> Counter[str]:
    """How many tips of the case gave each signal."""
    return Counter({reason["signal"]: reason["tips"] for reason in case.lane_reasons})


def reasons(counts: Counter[str]) -> list[dict[str, str | int]]:
    """What `Case.lane_reasons` holds: the most urgent and weightiest signal first."""
    return [{"signal": name, "tips": counts[name]} for name in signals.ordered(counts)]
