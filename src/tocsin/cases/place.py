"""Place linked tips: into the case of what they share, into a new one, or into none (loose)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from tocsin.cases import grow, proposals, score
from tocsin.cases.merge import heir_of, merge
from tocsin.cases.models import Case, Placed, Scored
from tocsin.cases.nearby import neighbours
from tocsin.cases.numbers import gate
from tocsin.cases.placing import Group, Joint, Named, reckon
from tocsin.identifiers.models import Identifier
from tocsin.lib.rows import insert, new
from tocsin.lib.writing import write
from tocsin.linking.models import Link, WeakPair
from tocsin.linking.rules import HANDLE_REACH
from tocsin.tips.models import Tip

ACTOR = "worker"
BATCH = 500
PARTNERS = 1000  # loose tips that one look brings in: what many share returns no more


def place_tips(tips: Sequence[Tip]) -> None:
    """Place these tips in one transaction, one at a time through the gate. Placed ones are left alone."""
    with write():
        gate()
        placed = set(Placed.objects.filter(tip__in=tips).values_list("tip_id", flat=True))
        todo = {tip.pk: tip for tip in tips if tip.pk not in placed}
        if todo:
            _Placement(todo).run()


class _Placement:
    """One batch: what was read for it, and what it decides."""

    def __init__(self, tips: dict[int, Tip]) -> None:
        self.new = set(tips)
        self.tips = tips | _loose_partners(tips)  # that a weak pair may bring out of no case
        self.named = _named(self.tips)
        known = neighbours(self.named)
        ids = {case for cases in known.times.values() for case in cases}
        locked = Case.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        self.cases = {case.pk: case for case in locked}
        worked_on = {case.pk for case in self.cases.values() if case.worked_on}
        self.reckoning = reckon(list(self.tips), self.named, known, worked_on)
        self.names = _names({joint for ties in self.reckoning.ties.values() for joint in ties}, self.named)
        self.joining = {one.tip for one in self.named if one.joint.identifier > 0}
        self.because: dict[int, list[str]] = {}
        self.opening: list[list[Tip]] = []
        self.growing: dict[Case, list[Tip]] = {}
        self.loose: set[int] = set()
        self.merged: set[int] = set()

    def run(self) -> None:
        """Decide for each group, then write everything."""
        for group in self.reckoning.groups:
            self._decide(group)
        grow.open_cases(self.opening, self.because, ACTOR)
        grow.add_tips(list(self.growing.items()), self.because, ACTOR)
        now = timezone.now()
        insert([new(Placed, tip_id=pk, loose=pk in self.loose, at=now) for pk in sorted(self.new)])
        self._bring_in(set(self.tips) - self.new - self.loose)
        if self.merged:  # last: a loose tip that came into a merged case must not count twice
            score.recount(self.merged)

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
            heir = heir_of(untouched)
            self._join(heir, [case for case in untouched if case != heir], tips)
        elif len(tips) > 1 or tips[0].pk in self.joining or tips[0].danger == "yes":
            self._because(tips[1:])  # the first one opens the case, because of nothing but itself
            self.opening.append(tips)
        else:
            self.loose.add(tips[0].pk)

    def _join(self, heir: Case, others: list[Case], tips: list[Tip]) -> None:
        self._because(tips)
        if others:
            merge(heir, sorted(others, key=lambda case: case.pk), ACTOR)
            self.merged.add(heir.pk)
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


def _loose_partners(tips: dict[int, Tip]) -> dict[int, Tip]:
    """Tips in no case that share a weak pair with one of these."""
    keys = list(WeakPair.objects.filter(tip__in=tips).values_list("key", flat=True).distinct())
    found: dict[int, Tip] = {}
    for start in range(0, len(keys), BATCH):
        pairs = WeakPair.objects.filter(key__in=keys[start : start + BATCH], tip__placed__loose=True)
        for pair in pairs.select_related("tip").order_by("pk")[:PARTNERS]:
            found[pair.tip_id] = pair.tip
    return {pk: tip for pk, tip in found.items() if pk not in tips}


def _named(tips: dict[int, Tip]) -> list[Named]:
    links = Link.objects.filter(tip__in=tips, joins=True).order_by("pk")
    named = [
        Named(tip, tips[tip].received_at, Joint(identifier, HANDLE_REACH if strength == "handle" else None))
        for tip, identifier, strength in links.values_list("tip_id", "identifier_id", "strength")
    ]
    pairs = WeakPair.objects.filter(tip__in=tips).order_by("pk").values_list("tip_id", "key")
    return named + [Named(tip, tips[tip].received_at, Joint(-key, None)) for tip, key in pairs]


def _names(joints: set[int], named: list[Named]) -> dict[int, list[str]]:
    """Joint -> public ids of the identifiers that it stands for."""
    keys = [-one for one in joints if one < 0]
    members: dict[int, set[int]] = {one: {one} for one in joints if one > 0}
    if keys:
        tips = {one.tip for one in named if one.joint.identifier < 0}
        rows = WeakPair.objects.filter(tip__in=tips, key__in=keys).values_list("key", "weak_id", "other_id")
        for key, weak, other in rows:
            members.setdefault(-key, set()).update({weak} if other is None else {weak, other})
    every = {pk for some in members.values() for pk in some}
    public = dict(Identifier.objects.filter(pk__in=every).values_list("pk", "public_id"))
    return {joint: sorted(public[pk] for pk in some) for joint, some in members.items()}
