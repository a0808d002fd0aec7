"""Which tips belong together: pure reckoning over what `place` has read. No database here.

Tips and cases that nobody worked on are nodes; a shared joining identifier is an edge; what hangs together is one
case. Cases that people worked on are never joined by software: tips go to one of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

Node = tuple[str, int]  # ("tip", id) or ("case", id)


@dataclass(frozen=True, slots=True)
class Joint:
    """What tips join by: an identifier, or a weak pair (its key, negative). How far apart they may lie (None: any)."""

    identifier: int
    reach: timedelta | None

    def holds(self, one: datetime, other: datetime) -> bool:
        """Whether two tips at these times are near enough."""
        return self.reach is None or abs(one - other) <= self.reach


@dataclass(frozen=True, slots=True)
class Named:
    """A tip (its id and time) names a joint."""

    tip: int
    at: datetime
    joint: Joint


@dataclass(slots=True)
class Group:
    """Tips that hang together, the untouched cases they touch, and the worked-on ones with the shared joints."""

    tips: list[int] = field(default_factory=list)
    untouched: set[int] = field(default_factory=set)
    worked: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # case -> identifiers


class Groups:
    """Union-find over tips and untouched cases."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """The representative of the node's group."""
        parent = self._parent.setdefault(node, node)
        while parent != node:
            self._parent[node] = self._parent[parent]
            node, parent = parent, self._parent[parent]
        return node

    def join(self, one: Node, other: Node) -> None:
        """These two belong together."""
        self._parent[self.find(other)] = self.find(one)


@dataclass(slots=True)
class Neighbours:
    """Where joints were met before: per identifier and case, the times of the tips (sorted) that name it."""

    times: dict[int, dict[int, list[datetime]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, identifier: int, case: int, at: datetime | None) -> None:
        """A tip of `case` names the identifier at that time (None: any time does)."""
        known = self.times[identifier].setdefault(case, [])
        if at is not None:
            known.append(at)

    def sort(self) -> None:
        """To be called once, after the last `add`."""
        for cases in self.times.values():
            for times in cases.values():
                times.sort()

    def cases_of(self, named: Named) -> list[int]:
        """Cases in which the tip's joint holds."""
        found = self.times.get(named.joint.identifier, {})
        return [case for case, times in found.items() if _near(named, times)]


def _near(named: Named, times: Sequence[datetime]) -> bool:
    if named.joint.reach is None:
        return True
    at = bisect_left(times, named.at)
    return any(named.joint.holds(named.at, time) for time in times[max(0, at - 1) : at + 1])


@dataclass(slots=True)
class Reckoning:
    """The groups, and for each tip the identifiers that tie it to others."""

    groups: list[Group]
    ties: dict[int, set[int]]  # tip -> identifiers shared with another tip or a case


def reckon(tips: Sequence[int], named: Iterable[Named], known: Neighbours, worked_on: set[int]) -> Reckoning:
    """Group the tips. The result does not depend on the order of `tips` or `named`."""
    groups, ties = Groups(), defaultdict[int, set[int]](set)
    by_joint = defaultdict[Joint, list[Named]](list)
    touched: list[tuple[int, int, int]] = []  # tip, case, identifier
    for one in named:
        by_joint[one.joint].append(one)
        touched += [(one.tip, case, one.joint.identifier) for case in known.cases_of(one)]
    for joint, namings in by_joint.items():
        join_tips(joint, namings, groups, ties)
    for tip, case, identifier in touched:
        ties[tip].add(identifier)
        if case not in worked_on:
            groups.join(("tip", tip), ("case", case))
    return Reckoning(_gather(tips, touched, worked_on, groups), ties)


def join_tips(joint: Joint, namings: list[Named], groups: Groups, ties: dict[int, set[int]]) -> None:
    """Join in `groups` the tips that `joint` holds together, and tell `ties` which identifier held each tip.

    `namings` is sorted in place, by time.
    """
    namings.sort(key=lambda one: (one.at, one.tip))
    for one, after in pairwise(namings):  # neighbours in time suffice: the rest follows
        if joint.holds(one.at, after.at):
            groups.join(("tip", one.tip), ("tip", after.tip))
            ties[one.tip].add(joint.identifier)
            ties[after.tip].add(joint.identifier)


def _gather(
    tips: Sequence[int], touched: list[tuple[int, int, int]], worked_on: set[int], groups: Groups
) -> list[Group]:
    found = defaultdict[Node, Group](Group)
    for tip in sorted(tips):
        found[groups.find(("tip", tip))].tips.append(tip)
    for tip, case, identifier in touched:
        group = found[groups.find(("tip", tip))]
        if case in worked_on:
            group.worked[case].add(identifier)
        else:
            group.untouched.add(case)
    return list(found.values())
