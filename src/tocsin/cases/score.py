"""Score placed tips: which signals speak, which lane that asks for, and what it means for their cases.

Two scores, never mixed: urgency (lane, its reasons, the sum of their weights) and actionability (0 to 100). Both are
what the tips that are in a case now, and what people added to it, say with the signals in force at the reckoning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from tocsin.audit.record import record_many
from tocsin.cases import actionability, burst, counting, events, signals, stating
from tocsin.cases.models import LANE_ORDER, Case, CaseTip, Lane, Scored
from tocsin.cases.numbers import gate
from tocsin.cases.signals_rows import Phrases, Signals
from tocsin.lib.ask import ask
from tocsin.lib.rows import insert, new, update
from tocsin.lib.writing import write
from tocsin.tips import bodies, marks
from tocsin.tips.models import Mention, Tip

KEPT = [
    "lane",
    "lane_rank",
    "lane_reasons",
    "urgency",
    "actionability",
    "actionability_reasons",
    "reporters",
    "first_received_at",
    "last_received_at",
]
NEEDED = (  # of a tip, to score it
    "danger",
    "about",
    "what",
    "where",
    "narrative_sealed",
    "body__sealed",
    "contact_sealed",
    "contact_tag",
    "sender_sealed",
    "sender_tag",
    "client",
    "city_sealed",
    "place",
    "occurred_at",
    "time_doubtful",
    "received_at",
)
_SCORED = "SELECT tip_id FROM cases_scored WHERE tip_id {among}"
_MENTIONED = "SELECT tip_id, COUNT(*) FROM tips_mention WHERE tip_id {among} GROUP BY tip_id"
_CASES = "SELECT case_id, tip_id FROM cases_casetip WHERE tip_id {among} ORDER BY id"
Heard = tuple[str, set[Phrases]]  # a text as signals compare it, and the lists of phrases that have one in it


@dataclass(slots=True)
class Tally:
    """What the tips of a case gave: how many there are, how many gave each signal, and what they hold."""

    tips: int = 0
    signals: Counter[str] = field(default_factory=Counter)
    holds: set[str] = field(default_factory=set)  # codes of actionability

    def add(self, names: Iterable[str]) -> None:
        """Count one tip's names in."""
        for name in set(names):
            if name.startswith(actionability.HAS):
                self.holds.add(name)
            else:
                self.signals[name] += 1


# --- tips ----------------------------------------------------------------------------------------------------


def score_tips(tips: Sequence[Tip]) -> None:
    """Read the tips (outside the transaction), keep their signals, and bring their cases up to date."""
    facts, known = stating.facts_of(tips), signals.load()
    found = names_of(tips, marks.marked(tips), facts, known)
    said = stating.stated(tips, facts, found)
    counts = {row.tip_id for row in said if row.kind == counting.MEMBERS and row.tip_id is not None}
    with write():
        gate()  # so that no case is merged away between reading and raising it
        scored = {tip for (tip,) in ask(_SCORED, list(found))}
        fresh = {pk: names for pk, names in found.items() if pk not in scored}
        now = timezone.now()
        insert(
            [
                new(Scored, tip_id=pk, lane=signals.lane_of(names, known), signals=names, at=now)
                for pk, names in fresh.items()
            ]
        )
        if said:
            stating.keep(said, fresh)
        burst.look(count_in(fresh, counts))


def names_of(
    tips: Sequence[Tip], low: set[int], facts: stating.Facts, known: Signals | None = None
) -> dict[int, list[str]]:
    """The signals of each tip and what it holds. Opens the texts; `low`: ids of tips whose sender is marked."""
    known = known or signals.load()
    named = dict(ask(_MENTIONED, [tip.pk for tip in tips]))
    holds = actionability.in_tips(tips, facts)
    shared: dict[int, Heard] = {}
    found = {}
    for tip in tips:
        text, said = _heard(tip, shared, known)
        answers = {"danger": tip.danger, "about": tip.about, "what": tip.what, "where": tip.where}
        names = signals.in_prepared(text, said, answers, named.get(tip.pk, 0), tip.pk in low, known)
        found[tip.pk] = names + holds[tip.pk]
    return found


def _heard(tip: Tip, shared: dict[int, Heard], known: Signals) -> Heard:
    """The tip's text as signals compare it, and what is said in it. One that many tips share is opened once."""
    if tip.body_id is not None and tip.body_id in shared:
        return shared[tip.body_id]
    text = signals.prepared(bodies.text_of(tip))
    heard = text, known.finder.said(text)
    if tip.body_id is not None:
        shared[tip.body_id] = heard
    return heard


def follow_reading(tips: Sequence[Tip | int]) -> None:
    """Make what scored tips hold say what they name now, after they were read again or a role was set.

    `tips`: rows or their ids. No text is opened. Inside `with write():`, behind the gate or with the case locked.
    """
    rows = list(Scored.objects.filter(tip__in=tips).select_related("tip").order_by("pk"))
    named = set(Mention.objects.filter(tip__in=tips).values_list("tip_id", flat=True))
    holds = actionability.in_tips([row.tip for row in rows])
    changed = [row for row in rows if _follow(row, holds[row.tip_id], row.tip_id in named)]
    if not changed:
        return
    update(changed, ["lane", "signals"])
    places = CaseTip.objects.filter(tip__in=[row.tip_id for row in changed])
    recount(places.values_list("case_id", flat=True))


def _follow(row: Scored, holds: list[str], named: bool) -> bool:
    computed = {one.name: one.computed for one in signals.load().by_name.values()}
    kept = [name for name in row.signals if not name.startswith(actionability.HAS)]
    marked = signals.MARKED in kept
    if named or marked:
        kept = [name for name in kept if computed.get(name) != "no_identifier"]
    else:
        kept += [name for name, test in computed.items() if test == "no_identifier" and name not in kept]
    if kept + holds == row.signals:
        return False
    row.signals, row.lane = kept + holds, signals.lane_of(kept)
    return True


# --- cases ---------------------------------------------------------------------------------------------------


def count_in(
    by_tip: Mapping[int, Iterable[str]], counts: Collection[int] | None = None
) -> list[tuple[Case, int]]:
    """Add these tips' signals to their cases. Once a tip; inside `with write():`, behind the gate.

    Gives what `recount` gives, without reading the tips that were counted before. Returns the cases, each
    with how many tips it has (of a storm: at least so many). `counts`: those of the tips that state member
    counts; None: any of them may.
    """
    by_case: dict[int, list[int]] = {}
    grown = set()
    for case, tip in ask(_CASES, list(by_tip)):
        by_case.setdefault(case, []).append(tip)
        if counts is None or tip in counts:
            grown.add(case)
    cases, known = _locked(by_case), signals.load()
    most = counting.LOOKED_AT + 1 + max(map(len, by_case.values()), default=0)
    sizes = counting.sizes_up_to(by_case, most)
    tallies = [
        Tally(sizes[case.pk], counted(case, known), actionability.codes_of(case, known)) for case in cases
    ]
    for one, tally in zip(cases, tallies, strict=True):
        for tip in by_case[one.pk]:
            tally.add(by_tip[tip])
    _count_marked(cases, tallies, most)
    # of a larger case the tips that are looked at were there before, and its count stands
    small = [pk for pk, tips in by_case.items() if sizes[pk] - len(tips) <= counting.LOOKED_AT]
    whole = {pk: by_case[pk] for pk in small if sizes[pk] == len(by_case[pk])}
    _keep(cases, tallies, whole | counting.first_tips(pk for pk in small if pk not in whole), grown)
    return [(one, sizes[one.pk]) for one in cases]


def _count_marked(cases: Sequence[Case], tallies: Sequence[Tally], most: int) -> None:
    """Whether all tips of a storm are marked senders' takes an exact count; what else is asked of it does not."""
    unsure = {
        one.pk: tally
        for one, tally in zip(cases, tallies, strict=True)
        if tally.signals[signals.MARKED] >= tally.tips >= most
    }
    for pk, size in counting.sizes_of(unsure).items() if unsure else ():
        unsure[pk].tips = size


def recount(case_ids: Iterable[int]) -> None:
    """Bring lane, urgency, actionability, reporters and times of these cases in line with what is in them now.

    A pure function of the tips, their `Scored` rows and what people added: after an undo the case stands as it
    stood. A case without tips keeps its times. Inside `with write():`, behind the gate; the number of queries does
    not grow.
    """
    cases = _locked(case_ids)
    tallies = {case.pk: Tally() for case in cases}
    times: dict[int, list[datetime]] = {case.pk: [] for case in cases}
    first: dict[int, list[int]] = {case.pk: [] for case in cases}
    rows = CaseTip.objects.filter(case__in=tallies).order_by("pk")
    for pk, tip, at, names in rows.values_list(
        "case_id", "tip_id", "tip__received_at", "tip__scored__signals"
    ):
        tallies[pk].tips += 1
        tallies[pk].add(names or ())
        times[pk].append(at)
        if len(first[pk]) < counting.LOOKED_AT:
            first[pk].append(tip)
    for case in cases:
        if times[case.pk]:
            case.first_received_at, case.last_received_at = min(times[case.pk]), max(times[case.pk])
    _keep(cases, [tallies[case.pk] for case in cases], first, first)


def _locked(case_ids: Iterable[int]) -> list[Case]:
    return list(Case.objects.select_for_update().filter(pk__in=set(case_ids)).order_by("pk"))


def _keep(
    cases: Sequence[Case],
    tallies: Sequence[Tally],
    first: Mapping[int, Sequence[int]],
    grown: Collection[int],
) -> None:
    """Write what the tips gave, what is counted over the cases and what people added.

    `first`: the tips by which reporters are told apart, of the cases whose count may have changed; `grown`: the
    cases whose member counts may have. For the others what was counted before stands.
    """
    reporters = counting.reporters_of(first)
    growth = {case.pk: _grew(case) for case in cases if case.pk not in grown and case.lane_reasons}
    growth |= counting.growth_of(grown) if grown else {}
    added, known = actionability.in_cases(cases), signals.load()
    changed = []
    for case, tally in zip(cases, tallies, strict=True):
        case.reporters = reporters.get(case.pk, case.reporters)
        over = signals.in_case(float(case.reporters), growth.get(case.pk, 0), known)
        case.actionability_reasons = actionability.reasons(tally.holds | added[case.pk], known)
        case.actionability = actionability.points(case.actionability_reasons)
        if _rank(case, tally, over, known):
            changed.append(case)
    update(cases, KEPT)
    events.add_many((case, "lane_raised", "worker", None, {"lane": str(case.lane)}) for case in changed)
    record_many(("worker", "case.lane", case.audit_name, {"lane": str(case.lane)}) for case in changed)


def _grew(case: Case) -> int:
    """Percent enough for what the case says already, or none."""
    by_name = signals.load().by_name
    said = [by_name[one["signal"]] for one in case.lane_reasons if one["signal"] in by_name]
    return max((one.at_least for one in said if one.computed == "group_grows"), default=0)


def _rank(case: Case, tally: Tally, over: Sequence[str], known: Signals) -> bool:
    """Write the lane, its reasons and the urgency into the case. Returns whether the lane changed."""
    before, counts = case.lane, tally.signals + Counter(over)
    lane = lane_of(tally, over, known)
    case.lane_reasons = [{"signal": name, "tips": counts[name]} for name in signals.ordered(counts, known)]
    case.urgency = signals.weight_of(counts, known)
    case.lane, case.lane_rank = lane, LANE_ORDER[lane]
    return lane != before


def lane_of(tally: Tally, over: Sequence[str], known: Signals | None = None) -> Lane:
    """The most urgent one; but a case is low as long as each of its tips is a marked sender's."""
    if tally.tips and tally.signals[signals.MARKED] >= tally.tips:
        return Lane.LOW
    known = known or signals.load()
    least = known.default_lane
    return min(signals.lane_of([*tally.signals, *over], known), least, key=LANE_ORDER.__getitem__)


def counted(case: Case, known: Signals | None = None) -> Counter[str]:
    """How many tips of the case gave each signal, without what is counted over the whole case."""
    over = signals.of_cases(known)
    rows = [one for one in case.lane_reasons if one["signal"] not in over]
    return Counter({one["signal"]: one["tips"] for one in rows})


def absorb(pairs: Sequence[tuple[Case, Case]]) -> None:
    """Bring heirs in line with the cases that were merged into them just now: (heir, merged), rows as they are in memory.

    Gives what `recount` gives, without reading the tips again: each case knows how many of its tips gave what.
    Inside `with write():`, behind the gate.
    """
    heirs = {heir.pk: heir for heir, _other in pairs}
    if not heirs:
        return
    sizes, first = counting.sizes_of(heirs), counting.first_tips(heirs)
    tallies = {
        pk: Tally(sizes.get(pk, 0), counted(one), actionability.codes_of(one)) for pk, one in heirs.items()
    }
    for heir, other in pairs:
        tally = tallies[heir.pk]
        tally.signals += counted(other)
        tally.holds |= actionability.codes_of(other)
        heir.first_received_at = min(heir.first_received_at, other.first_received_at)
        heir.last_received_at = max(heir.last_received_at, other.last_received_at)
    _keep(list(heirs.values()), list(tallies.values()), first, heirs)
