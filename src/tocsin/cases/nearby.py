"""Where joints were met before: the look-up of placing, whose cost does not grow with what many tips name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tocsin.cases.models import CaseState
from tocsin.cases.placing import Named, Neighbours
from tocsin.identifiers.roles import JOINING_ROLES
from tocsin.lib.ask import ask, time_of
from tocsin.linking.rules import HANDLE_REACH

FEW = 64  # tips that name an identifier: so many rows are simply read
NEWEST = (
    16  # of what more tips name: all untouched cases that share it are one, so any of its tips leads there
)
APART = timedelta(
    days=1
)  # looks of a popular handle are made for times this far apart: much less than its reach
_ROLES = [role.value for role in JOINING_ROLES]
_ARMS = 100  # looks a statement
_PLACED = "linking_link l JOIN cases_casetip p ON p.tip_id = l.tip_id WHERE l.joins AND l.identifier_id"
_STRONG = f"SELECT DISTINCT l.identifier_id, p.case_id FROM {_PLACED} {{among}}"  # noqa: S608 - no value in it
_HANDLES = (
    f"SELECT l.identifier_id, p.case_id, l.tip_at FROM {_PLACED} {{among}}"  # noqa: S608 - no value in it
    " AND l.tip_at >= %s AND l.tip_at <= %s"
)
_LOOK = f"""SELECT * FROM (SELECT l.identifier_id, p.case_id, l.tip_at FROM {_PLACED} = %s {{when}}
    ORDER BY l.tip_at {{way}} LIMIT %s) a"""  # noqa: S608 - no value in it
_PAIR = """SELECT * FROM (SELECT w.key, p.case_id FROM linking_weakpair w JOIN cases_casetip p ON p.tip_id = w.tip_id
    WHERE w.key = %s ORDER BY w.tip_id DESC LIMIT %s) a"""
_FOUND = (
    "SELECT f.identifier_id, f.case_id, f.at FROM cases_finding f JOIN cases_case c ON c.id = f.case_id"
    " WHERE f.identifier_id {among} AND f.role {among} AND c.state <> %s"
)


def neighbours(named: list[Named]) -> Neighbours:
    """Cases whose tips or findings name the same things: a bounded number of rows for each of them."""
    known = Neighbours()
    strong = {one.joint.identifier for one in named if one.joint.reach is None and one.joint.identifier > 0}
    handles = {one.joint.identifier for one in named if one.joint.reach is not None}
    every = strong | handles
    if every:
        many = {
            one
            for (one,) in ask(
                "SELECT identifier_id FROM linking_degree WHERE identifier_id {among} AND tips > %s",
                every,
                FEW,
            )
        }
        _add_few(known, named, strong - many, handles - many)
        _add_many(known, named, strong & many, handles & many)
    _add_pairs(known, sorted({-one.joint.identifier for one in named if one.joint.identifier < 0}))
    if every:
        for identifier, case, at in ask(_FOUND, every, _ROLES, CaseState.MERGED.value):
            known.add(identifier, case, time_of(at))
        detached = "SELECT identifier_id, case_id FROM cases_detached WHERE identifier_id {among}"
        for identifier, case in ask(detached, every):
            known.times[identifier].pop(case, None)
    known.sort()
    return known


def _add_few(known: Neighbours, named: list[Named], strong: set[int], handles: set[int]) -> None:
    if strong:
        for identifier, case in ask(_STRONG, strong):
            known.add(identifier, case, None)
    if handles:
        times = [one.at for one in named if one.joint.reach is not None]
        span = min(times) - HANDLE_REACH, max(times) + HANDLE_REACH
        for identifier, case, at in ask(_HANDLES, handles, *span):
            known.add(identifier, case, time_of(at))


def _add_many(known: Neighbours, named: list[Named], strong: set[int], handles: set[int]) -> None:
    looks: list[tuple[str, list[Any]]] = [
        (_LOOK.format(when="", way="DESC"), [one, NEWEST]) for one in sorted(strong)
    ]
    for identifier, at in _times(named, handles):
        looks.append((_LOOK.format(when="AND l.tip_at <= %s", way="DESC"), [identifier, at, 1]))
        looks.append((_LOOK.format(when="AND l.tip_at > %s", way="ASC"), [identifier, at, 1]))
    for identifier, case, at in _looked(looks):
        known.add(identifier, case, None if identifier in strong else time_of(at))


def _add_pairs(known: Neighbours, pairs: list[int]) -> None:
    for key, case in _looked([(_PAIR, [key, NEWEST]) for key in pairs]):
        known.add(-key, case, None)


def _looked(looks: list[tuple[str, list[Any]]]) -> Iterator[tuple[Any, ...]]:
    """The rows of many small looks, so many of them a statement."""
    for start in range(0, len(looks), _ARMS):
        some = looks[start : start + _ARMS]
        sql = " UNION ALL ".join(look for look, _values in some)
        yield from ask(sql, *(value for _look, values in some for value in values))


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
