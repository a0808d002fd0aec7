"""Weights tried on past cases before they are switched on, and past cases brought in line once they are.

`trying` writes nothing: it says which cases another file of signals would put into another lane, and why. `applying`
reads all tips again with the signals in force. Both open texts and so need the hotline's private key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tocsin.audit.record import record
from tocsin.cases import counting, score, signals, stating
from tocsin.cases.models import LANE_ORDER, Case, CaseTip, Scored
from tocsin.cases.numbers import gate
from tocsin.cases.signals_rows import Signals
from tocsin.lib.writing import write

CASES, TIPS = 50, 500  # at once


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that would change its lane; the names of the signals that put it where it would be, and of those lost."""

    number: str
    before: str
    after: str
    because: list[str]
    gone: list[str]
    urgency: int

    @property
    def raised(self) -> bool:
        """Whether it would come to people sooner."""
        return LANE_ORDER[self.after] < LANE_ORDER[self.before]  # type: ignore[index]


@dataclass(slots=True)
class Trial:
    """What a file of signals would change, as far as the walk has come."""

    known: Signals
    total: int  # tips in cases
    tips: int = 0
    cases: int = 0
    before: Counter[str] = field(default_factory=Counter)  # cases a lane
    after: Counter[str] = field(default_factory=Counter)
    moved: list[Moved] = field(default_factory=list)

    def examples(self, raised: bool, most: int) -> list[Moved]:
        """The cases that would rise (or sink) furthest, the most urgent first."""
        some = [one for one in self.moved if one.raised == raised]
        some.sort(key=lambda one: (-abs(_rank(one.after) - _rank(one.before)), -one.urgency, one.number))
        return some[:most]


def _rank(lane: str) -> int:
    return LANE_ORDER[lane]  # type: ignore[index]


def begin(known: Signals) -> Trial:
    """A trial that has not begun."""
    return Trial(
        known, CaseTip.objects.filter(case__merged_into__isnull=True, tip__scored__isnull=False).count()
    )


def trying(trial: Trial) -> Iterator[Trial]:
    """Weigh all cases, closed ones too, a few at a time; yields the trial after each few. Writes nothing."""
    for cases in _cases():
        tallies = {case.pk: score.Tally() for case in cases}
        for pk, size in counting.sizes_of(tallies).items():
            tallies[pk].tips = size
        for rows in _scored(cases):
            names = _names(rows, trial.known)
            for row in rows:
                tallies[row.tip.case_tip.case_id].add(names[row.tip_id])
            trial.tips += len(rows)
            yield trial
        growth = counting.growth_of(tallies)
        for case in cases:
            _weigh(trial, case, tallies[case.pk], growth.get(case.pk, 0))
        yield trial


def _weigh(trial: Trial, case: Case, tally: score.Tally, growth: int) -> None:
    known = trial.known
    over = signals.in_case(float(case.reporters), growth, known)
    names = signals.ordered([*tally.signals, *over], known)
    lane = score.lane_of(tally, over, known)
    trial.cases += 1
    trial.before[case.lane] += 1
    trial.after[lane] += 1
    if lane == case.lane:
        return
    had = [str(one["signal"]) for one in case.lane_reasons]
    because = [name for name in names if known.by_name[name].lane == lane] or names[:1]
    gone = [name for name in had if name not in names or _lowered(name, known)]
    trial.moved.append(
        Moved(case.number, case.lane, lane.value, because, gone, signals.weight_of(names, known))
    )


def _lowered(name: str, known: Signals) -> bool:
    """Whether a signal that still speaks asks for less than it does now."""
    now = signals.load().by_name.get(name)
    return now is not None and LANE_ORDER[known.by_name[name].lane] > LANE_ORDER[now.lane]


def tried(trial: Trial, file: Path, actor: str) -> None:
    """One audit row for the run, also for one that was stopped: texts were opened."""
    with write():
        record(
            actor,
            "signals.tried",
            "signals",
            file=_digest(file),
            tips=trial.tips,
            cases=trial.cases,
            moved=len(trial.moved),
        )


def applying(actor: str) -> Iterator[tuple[int, int]]:
    """Read all scored tips again with the signals in force; yields (tips read so far, tips in all).

    In small transactions, safe to stop and to run again. What a sender's mark meant when a tip was scored stays.
    """
    total, done = Scored.objects.count(), 0
    for cases in _cases():
        for rows in _scored(cases):
            _score_again(rows)
            done += len(rows)
            yield done, total
        with write():
            gate()
            score.recount(case.pk for case in cases)
    for rows in _loose():
        _score_again(rows)
        done += len(rows)
        yield done, total
    with write():
        record(actor, "signals.applied", "signals", version=signals.load().version, tips=done)


def _score_again(rows: Sequence[Scored]) -> None:
    names = _names(rows, None)
    changed = []
    for row in rows:
        if row.signals != names[row.tip_id]:
            row.signals, row.lane = names[row.tip_id], signals.lane_of(names[row.tip_id])
            changed.append(row)
    if changed:
        with write():
            gate()
            Scored.objects.bulk_update(changed, ["lane", "signals"], batch_size=TIPS)


def _names(rows: Sequence[Scored], known: Signals | None) -> dict[int, list[str]]:
    marked = {row.tip_id for row in rows if signals.MARKED in row.signals}
    tips = [row.tip for row in rows]
    return score.names_of(tips, marked, stating.facts_of(tips), known)


def _cases() -> Iterator[list[Case]]:
    last = 0
    while some := list(Case.objects.filter(merged_into__isnull=True, pk__gt=last).order_by("pk")[:CASES]):
        yield some
        last = some[-1].pk


def _scored(cases: Sequence[Case]) -> Iterator[list[Scored]]:
    rows, last = Scored.objects.filter(tip__case_tip__case__in=cases), 0
    rows = rows.select_related("tip__body", "tip__case_tip").order_by("pk")
    while some := list(rows.filter(pk__gt=last)[:TIPS]):
        yield some
        last = some[-1].pk


def _loose() -> Iterator[list[Scored]]:
    rows, last = (
        Scored.objects.filter(tip__case_tip__isnull=True).select_related("tip__body").order_by("pk"),
        0,
    )
    while some := list(rows.filter(pk__gt=last)[:TIPS]):
        yield some
        last = some[-1].pk


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:16]
