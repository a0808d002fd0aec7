"""Where joints were met before: the look-up of placing, whose cost does not grow with what many tips name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tocsin.cases.models import CaseState, Detached, Finding
from tocsin.cases.placing import Named, Neighbours
from tocsin.identifiers.roles import JOINING_ROLES
from tocsin.lib.ask import ask, time_of
from tocsin.linking.models import Degree, Link, WeakPair
from tocsin.linking.rules import HANDLE_REACH

FEW = 64  # tips that name an identifier: so many rows are simply read
NEWEST = (
    16  # of what more tips name: all untouched cases that share it are one, so any of its tips leads there
)
APART = timedelta(
    days=1
)  # looks of a popular handle are made for times this far apart: much less than its reach
_ARMS = 100  # looks a statement
_LOOK = """SELECT * FROM (
    SELECT l.identifier_id, p.case_id, l.tip_at FROM linking_link l JOIN cases_casetip p ON p.tip_id = l.tip_id
    WHERE l.joins AND l.identifier_id = %s {when} ORDER BY l.tip_at {way} LIMIT %s) a"""


def neighbours(named: list[Named]) -> Neighbours:
    """Cases whose tips or findings name the same things: a bounded number of rows for each of them."""
    known = Neighbours()
    strong = {one.joint.identifier for one in named if one.joint.reach is None and one.joint.identifier > 0}
    handles = {one.joint.identifier for one in named if one.joint.reach is not None}
    pairs = {-one.joint.identifier for one in named if one.joint.identifier < 0}
    many = set(
        Degree.objects.filter(identifier__in=strong | handles, tips__gt=FEW).values_list(
            "identifier", flat=True
        )
    )
    _add_few(known, named, strong - many, handles - many)
    _add_many(known, named, strong & many, handles & many)
    if pairs:
        shared = WeakPair.objects.filter(key__in=pairs, tip__case_tip__isnull=False).order_by()
        for key, case in shared.values_list("key", "tip__case_tip__case_id").distinct():
            known.add(-key, case, None)
    _add_findings(known, strong | handles)
    for identifier, case in Detached.objects.filter(identifier__in=strong | handles).values_list(
        "identifier_id", "case_id"
    ):
        known.times[identifier].pop(case, None)
    known.sort()
    return known


def _add_few(known: Neighbours, named: list[Named], strong: set[int], handles: set[int]) -> None:
    placed = Link.objects.filter(joins=True, tip__case_tip__isnull=False).order_by()
    if strong:
        rows = placed.filter(identifier__in=strong).values_list("identifier_id", "tip__case_tip__case_id")
        for identifier, case in rows.distinct():
            known.add(identifier, case, None)
    if handles:
        times = [one.at for one in named if one.joint.reach is not None]
        span = min(times) - HANDLE_REACH, max(times) + HANDLE_REACH
        near = placed.filter(identifier__in=handles, tip_at__range=span)
        for row in near.values_list("identifier_id", "tip__case_tip__case_id", "tip_at"):
            known.add(*row)


def _add_many(known: Neighbours, named: list[Named], strong: set[int], handles: set[int]) -> None:
    looks: list[tuple[str, str, list[Any]]] = [("", "DESC", [one, NEWEST]) for one in sorted(strong)]
    for identifier, at in _times(named, handles):
        looks.append(("AND l.tip_at <= %s", "DESC", [identifier, at, 1]))
        looks.append(("AND l.tip_at > %s", "ASC", [identifier, at, 1]))
    for start in range(0, len(looks), _ARMS):
        some = looks[start : start + _ARMS]
        sql = " UNION ALL ".join(_LOOK.format(when=when, way=way) for when, way, _values in some)
        for identifier, case, at in ask(sql, *(value for _when, _way, values in some for value in values)):
            known.add(identifier, case, None if identifier in strong else time_of(at))


def _times(named: Iterable[Named], handles: set[int]) -> Iterator[tuple[int, datetime]]:
    """(handle, time) of these namings, without those that follow another one within a day, and the last of each."""
    last: dict[int, datetime] = {}
    shown: dict[int, datetime] = {}
    for one in sorted(named, key=lambda one: (one.joint.identifier, one.at)):
        identifier = one.joint.identifier
        if identifier not in handles:
            continue
        last[identifier] = one.at
        if identifier not in shown or one.at - shown[identifier] > APART:
            shown[identifier] = one.at
            yield identifier, one.at
    yield from ((identifier, at) for identifier, at in last.items() if shown[identifier] != at)


def _add_findings(known: Neighbours, identifiers: set[int]) -> None:
    if identifiers:
        found = Finding.objects.filter(identifier__in=identifiers, role__in=JOINING_ROLES)
        live = found.exclude(case__state=CaseState.MERGED)
        for identifier, case, at in live.values_list("identifier_id", "case_id", "at"):
            known.add(identifier, case, at)
