"""Place linked tips: into the case of what they share, into a new one, or into none (loose)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from tocsin.cases import events, grow
from tocsin.cases.merge import heir_of, merge
from tocsin.cases.models import Case, CaseEvent, CaseState, Finding, Placed
from tocsin.cases.numbers import gate
from tocsin.cases.placing import Group, Joint, Named, Neighbours, reckon
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import JOINING_ROLES
from tocsin.lib.writing import write
from tocsin.linking.models import Link
from tocsin.linking.rules import HANDLE_REACH
from tocsin.tips.models import Tip

ACTOR = "worker"
BATCH = 500


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
        self.tips = tips
        self.named = _named(tips)
        known = _neighbours(self.named)
        ids = {case for cases in known.times.values() for case in cases}
        locked = Case.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        self.cases = {case.pk: case for case in locked}
        worked_on = {case.pk for case in self.cases.values() if case.worked_on}
        self.reckoning = reckon(list(tips), self.named, known, worked_on)
        tied = {identifier for ties in self.reckoning.ties.values() for identifier in ties}
        self.names = dict(Identifier.objects.filter(pk__in=tied).values_list("pk", "public_id"))
        self.joining = {one.tip for one in self.named}
        self.because: dict[int, list[str]] = {}
        self.opening: list[list[Tip]] = []
        self.growing: dict[Case, list[Tip]] = {}
        self.loose: set[int] = set()

    def run(self) -> None:
        """Decide for each group, then write everything."""
        for group in self.reckoning.groups:
            self._decide(group)
        grow.open_cases(self.opening, self.because, ACTOR)
        grow.add_tips(list(self.growing.items()), self.because, ACTOR)
        now = timezone.now()
        rows = [Placed(tip_id=pk, loose=pk in self.loose, at=now) for pk in self.tips]
        Placed.objects.bulk_create(rows, batch_size=BATCH)

    def _decide(self, group: Group) -> None:
        tips = sorted((self.tips[pk] for pk in group.tips), key=lambda tip: (tip.received_at, tip.pk))
        untouched = [self.cases[pk] for pk in group.untouched]
        if group.worked:
            self._join(self._strongest(group), untouched, tips)
        elif untouched:
            heir = heir_of(untouched)
            self._join(heir, [case for case in untouched if case != heir], tips)
        elif tips[0].pk in self.joining or any(tip.danger == "yes" for tip in tips):
            self._because(tips[1:])  # the first one opens the case, because of nothing but itself
            self.opening.append(tips)
        else:
            self.loose.update(tip.pk for tip in tips)

    def _join(self, heir: Case, others: list[Case], tips: list[Tip]) -> None:
        self._because(tips)
        if others:
            merge(heir, sorted(others, key=lambda case: case.pk), ACTOR)
        self.growing.setdefault(heir, []).extend(tips)

    def _because(self, tips: list[Tip]) -> None:
        for tip in tips:
            self.because[tip.pk] = sorted(self.names[one] for one in self.reckoning.ties.get(tip.pk, ()))

    def _strongest(self, group: Group) -> Case:
        """Of several cases that people worked on: the one that shares most; the others hear of it."""
        ranked = sorted(group.worked, key=lambda pk: (-len(group.worked[pk]), pk))
        heir, *others = (self.cases[pk] for pk in ranked)
        for other in others:
            shared = sorted(self.names[one] for one in group.worked[other.pk])
            _touch(heir, other, shared)
        return heir


def _touch(one: Case, other: Case, identifiers: list[str]) -> None:
    """Both timelines say, once a pair, that a tip names what is in both."""
    if CaseEvent.objects.filter(case=one, kind="touches", facts__number=other.number).exists():
        return
    events.add(one, "touches", ACTOR, number=other.number, ids=identifiers)
    events.add(other, "touches", ACTOR, number=one.number, ids=identifiers)


def _named(tips: dict[int, Tip]) -> list[Named]:
    links = Link.objects.filter(tip__in=tips, joins=True).order_by("pk")
    return [
        Named(tip, tips[tip].received_at, Joint(identifier, HANDLE_REACH if strength == "handle" else None))
        for tip, identifier, strength in links.values_list("tip_id", "identifier_id", "strength")
    ]


def _neighbours(named: list[Named]) -> Neighbours:
    """Cases whose tips or findings name the same things: three queries, whatever the batch."""
    known = Neighbours()
    strong = {one.joint.identifier for one in named if one.joint.reach is None}
    handles = {one.joint.identifier for one in named if one.joint.reach is not None}
    placed = Link.objects.filter(joins=True, tip__case_tip__isnull=False).order_by()
    if strong:
        rows = placed.filter(identifier__in=strong).values_list("identifier_id", "tip__case_tip__case_id")
        for identifier, case in rows.distinct():
            known.add(identifier, case, None)
    if handles:
        first, last = _span(named)
        near = placed.filter(identifier__in=handles, tip__received_at__range=(first, last))
        for row in near.values_list("identifier_id", "tip__case_tip__case_id", "tip__received_at"):
            known.add(*row)
    if named:
        found = Finding.objects.filter(identifier__in=strong | handles, role__in=JOINING_ROLES)
        live = found.exclude(case__state=CaseState.MERGED)
        for identifier, case, at in live.values_list("identifier_id", "case_id", "at"):
            known.add(identifier, case, at)
    known.sort()
    return known


def _span(named: list[Named]) -> tuple[datetime, datetime]:
    times = [one.at for one in named if one.joint.reach is not None]
    return min(times) - HANDLE_REACH, max(times) + HANDLE_REACH
