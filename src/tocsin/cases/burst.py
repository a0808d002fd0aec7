"""Brigading guard: a burst of alike tips from unknown senders on one identifier asks a person to look.

It moves no lane, in neither direction: a crowd makes nothing urgent (copies count as one reporter), and a child in
danger is not missed because a crowd shouts. What a burst is stands in signals.toml under `[burst]`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from tocsin.cases import flags, signals
from tocsin.cases.models import Case
from tocsin.identifiers.models import Identifier
from tocsin.lib.ask import ask, time_of

MOST = 500  # tips of a case that are looked at: those that came into it last


# who is unknown: nothing tells who sent it, no contact, no sender, no machine, nobody who took the call
_NEWEST = """SELECT t.id, t.received_at, t.recorded_at, t.text_tag, t.network,
    t.contact_tag = '' AND t.sender_tag = '' AND t.client_id IS NULL AND t.taken_by_id IS NULL
    FROM (SELECT tip_id FROM cases_casetip WHERE case_id = %s ORDER BY id DESC LIMIT %s) last_ones
    JOIN tips_tip t ON t.id = last_ones.tip_id WHERE t.received_at >= %s"""
_SETTLED = "SELECT MAX(at) FROM cases_flag WHERE case_id = %s AND kind = %s AND settled_at IS NOT NULL"
_NAMED = "SELECT tip_id, identifier_id FROM linking_link WHERE tip_id {among} AND joins"
_COPIES = "SELECT tip_id, of_id FROM linking_copy WHERE tip_id {among}"


class Seen(NamedTuple):
    """A tip as a burst looks at it; times as the database gives them."""

    pk: int
    received_at: Any
    recorded_at: Any
    text_tag: str
    network: int | None
    unknown: bool


@dataclass(frozen=True, slots=True)
class Burst:
    """What was seen: how many tips in how many minutes, unknown ones, the largest set of alike texts, networks."""

    identifier: str  # public id
    tips: int
    minutes: int
    unknown: int
    alike: int
    networks: int  # 0: not known any more, or never


def look(cases: Iterable[tuple[Case, int]]) -> None:
    """Raise a flag on those of these cases (each with its number of tips), just counted, that a burst fell on.

    Inside `with write():`. One that a person has settled counts no more: only what came after it.
    """
    least = signals.load().burst["tips"]
    for case, tips in cases:
        if tips >= least and (seen := of(case)):
            flags.raise_flag(
                case,
                flags.BURST,
                seen.identifier,
                tips=seen.tips,
                minutes=seen.minutes,
                unknown=seen.unknown,
                alike=seen.alike,
                networks=seen.networks,
            )


def of(case: Case) -> Burst | None:
    """The burst among the newest tips of the case, if there is one. At most five queries."""
    limits = signals.load().burst
    tips = _newest(case, timedelta(minutes=limits["minutes"]), limits["tips"])
    if len(tips) < limits["tips"]:
        return None
    identifier, named = _most_named(tips)
    tips = [tip for tip in tips if tip.pk in named]
    unknown = [tip for tip in tips if tip.unknown]
    if len(unknown) < limits["tips"] or len(unknown) * 100 < limits["unknown_percent"] * len(tips):
        return None
    alike = _alike(unknown)
    if alike * 100 < limits["alike_percent"] * len(unknown):
        return None
    times = [time_of(tip.received_at) for tip in unknown]
    minutes = int((max(times) - min(times)).total_seconds() // 60) + 1
    networks = len({tip.network for tip in unknown if tip.network is not None})
    about = Identifier.objects.values_list("public_id", flat=True).get(pk=identifier)
    return Burst(about, len(tips), minutes, len(unknown), alike, networks)


def _newest(case: Case, span: timedelta, least: int) -> list[Seen]:
    """The tips that came within `span` of the newest one, and after the last flag that a person settled.

    Of the tips that came into the case last: a case of 5,000 tips costs what one of `MOST` costs.
    """
    tips = [Seen(*row) for row in ask(_NEWEST, case.pk, MOST, case.last_received_at - span)]
    if len(tips) < least:
        return tips
    ((last,),) = ask(_SETTLED, case.pk, flags.BURST)
    return tips if last is None else [tip for tip in tips if time_of(tip.recorded_at) > time_of(last)]


def _most_named(tips: Sequence[Seen]) -> tuple[int, set[int]]:
    """The identifier that most of these tips name, and the ids of those tips."""
    named: dict[int, set[int]] = {}
    for tip, identifier in ask(_NAMED, [tip.pk for tip in tips]):
        named.setdefault(identifier, set()).add(tip)
    if not named:
        return 0, set()
    most = min(named, key=lambda pk: (-len(named[pk]), pk))
    return most, named[most]


def _alike(tips: Sequence[Seen]) -> int:
    """How many of these tips are in the largest set of equal or near-identical texts."""
    copies = dict(ask(_COPIES, [tip.pk for tip in tips]))
    groups = Groups()
    for tip in tips:
        if tip.text_tag:
            groups.join(("text", tip.text_tag), ("tip", tip.pk))
        if tip.pk in copies:
            groups.join(("tip", copies[tip.pk]), ("tip", tip.pk))
    return max(Counter(groups.find(("tip", tip.pk)) for tip in tips).values(), default=0)


class Groups:
    """Union-find over tips and texts."""

    def __init__(self) -> None:
        self._parent: dict[tuple[str, int | str], tuple[str, int | str]] = {}

    def find(self, node: tuple[str, int | str]) -> tuple[str, int | str]:
        """The representative of the node's group."""
        while (parent := self._parent.setdefault(node, node)) != node:
            node = parent
        return node

    def join(self, one: tuple[str, int | str], other: tuple[str, int | str]) -> None:
        """These two belong together."""
        self._parent[self.find(other)] = self.find(one)
