"""Place linked tips: into the case of what they share, into a new one, or into none (loose)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from tocsin.cases import grow, merge, proposals, score
from tocsin.cases.models import Case, Placed, Scored
from tocsin.cases.nearby import neighbours
from tocsin.cases.numbers import gate
from tocsin.cases.placing import Group, Joint, Named, reckon
from tocsin.lib.ask import ask
from tocsin.lib.rows import insert, new
from tocsin.lib.writing import write
from tocsin.linking.rules import HANDLE_REACH
from tocsin.tips.models import Tip

ACTOR = "worker"
NEEDED = ("danger", "received_at", "public_id")  # of a tip: its texts stay where they are
Pairs = list[tuple[Any, ...]]  # tip, key, weak name, second sign
PARTNERS = 1000  # loose tips that one look brings in: what many share returns no more
_PARTNERS = """SELECT DISTINCT w.tip_id FROM linking_weakpair w JOIN cases_placed p ON p.tip_id = w.tip_id
    WHERE p.loose AND w.key {among} ORDER BY w.tip_id LIMIT %s"""
_LINKS = "SELECT tip_id, identifier_id, strength FROM linking_link WHERE joins AND tip_id {among} ORDER BY id"
_PAIRS = "SELECT tip_id, key, weak_id, other_id FROM linking_weakpair WHERE tip_id {among} ORDER BY id"


def place_tips(tips: Sequence[Tip]) -> None:
    """Place these tips in one transaction, one at a time through the gate. Placed ones are left alone."""
    with write():
        gate()
        placed = ask("SELECT tip_id FROM cases_placed WHERE tip_id {among}", [tip.pk for tip in tips])
        there = {tip for (tip,) in placed}
        todo = {tip.pk: tip for tip in tips if tip.pk not in there}
        if todo:
            _Placement(todo).run()


class _Placement:
    """One batch: what was read for it, and what it decides."""

    def __init__(self, tips: dict[int, Tip]) -> None:
        self.new = set(tips)
        self.tips = dict(tips)
        pairs = ask(_PAIRS, self.new)
        partners = _loose_partners({key for _tip, key, _weak, _other in pairs}, self.new)
        if partners:  # that a weak pair may bring out of no case
            self.tips |= partners
            pairs += ask(_PAIRS, partners)
        self.named = _named(self.tips, pairs)
        known = neighbours(self.named)
        ids = {case for cases in known.times.values() for case in cases}
        locked = Case.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        self.cases = {case.pk: case for case in locked}
        worked_on = {case.pk for case in self.cases.values() if case.worked_on}
        self.reckoning = reckon(list(self.tips), self.named, known, worked_on)
        self.names = _names({joint for ties in self.reckoning.ties.values() for joint in ties}, pairs)
        self.joining = {one.tip for one in self.named if one.joint.identifier > 0}
        self.because: dict[int, list[str]] = {}
        self.opening: list[list[Tip]] = []
        self.growing: dict[Case, list[Tip]] = {}
        self.loose: set[int] = set()
        self.merging: list[tuple[Case, Case]] = []  # heir, merged

    def run(self) -> None:
        """Decide for each group, then write everything."""
        for group in self.reckoning.groups:
            self._decide(group)
        merge.merge_many(self.merging, ACTOR)
        score.absorb(self.merging)
        grow.open_cases(self.opening, self.because, ACTOR)
        grow.add_tips(list(self.growing.items()), self.because, ACTOR)
        now = timezone.now()
        insert([new(Placed, tip_id=pk, loose=pk in self.loose, at=now) for pk in sorted(self.new)])
        self._bring_in(set(self.tips) - self.new - self.loose)

    def _bring_in(self, partners: set[int]) -> None:
        """Loose tips that are in a case now: their signals count there."""
        if partners:
            Placed.objects.filter(tip__in=partners).update(loose=False)
            score.count_in(dict(Scored.objects.filter(tip__in=partners).values_list("tip_id", "signals")))

    def _decide(self, group: Group) -> None:
        tips = sorted((self.tips[pk] for pk in group.tips), key=lambda tip: (tip.received_at, tip.pk))
        untouched = [self.cases[pk] for pk in group.untouched]
        if group.worked:
            self._join(self._strongest(group, tips), untouched, tips)
        elif untouched:
            heir = merge.heir_of(untouched)
            self._join(heir, [case for case in untouched if case != heir], tips)
        elif len(tips) > 1 or tips[0].pk in self.joining or tips[0].danger == "yes":
            self._because(tips[1:])  # the first one opens the case, because of nothing but itself
            self.opening.append(tips)
        else:
            self.loose.add(tips[0].pk)

    def _join(self, heir: Case, others: list[Case], tips: list[Tip]) -> None:
        self._because(tips)
        self.merging += [(heir, other) for other in sorted(others, key=lambda case: case.pk)]
        self.growing.setdefault(heir, []).extend(tips)

    def _because(self, tips: list[Tip]) -> None:
        for tip in tips:
            ties = self.reckoning.ties.get(tip.pk, ())
            self.because[tip.pk] = sorted({name for one in ties for name in self.names[one]})

    def _strongest(self, group: Group, tips: list[Tip]) -> Case:
        """Of several cases that people worked on: the one that shares most. For each other one a merge is drafted."""
        ranked = sorted(group.worked, key=lambda pk: (-len(group.worked[pk]), pk))
        heir, *others = (self.cases[pk] for pk in ranked)
        for other in others:
            shared = {name for one in group.worked[other.pk] for name in self.names[one]}
            proposals.draft(heir, other, shared, tips[0])
        return heir


def _loose_partners(keys: set[int], tips: set[int]) -> dict[int, Tip]:
    """Tips in no case that share a weak pair with one of these."""
    found = {tip for (tip,) in ask(_PARTNERS, keys, PARTNERS)} - tips if keys else set()
    return Tip.objects.only(*NEEDED).in_bulk(found) if found else {}


def _named(tips: dict[int, Tip], pairs: Pairs) -> list[Named]:
    named = [
        Named(tip, tips[tip].received_at, Joint(identifier, HANDLE_REACH if strength == "handle" else None))
        for tip, identifier, strength in ask(_LINKS, tips)
    ]
    return named + [Named(tip, tips[tip].received_at, Joint(-key, None)) for tip, key, _w, _o in pairs]


def _names(joints: set[int], pairs: Pairs) -> dict[int, list[str]]:
    """Joint -> public ids of the identifiers that it stands for."""
    members: dict[int, set[int]] = {one: {one} for one in joints if one > 0}
    for _tip, key, weak, other in pairs:
        if -key in joints:
            members.setdefault(-key, set()).update({weak} if other is None else {weak, other})
    every = {pk for some in members.values() for pk in some}
    named = ask("SELECT id, public_id FROM identifiers_identifier WHERE id {among}", every) if every else []
    public = dict(named)
    return {joint: sorted(public[pk] for pk in some) for joint, some in members.items()}
