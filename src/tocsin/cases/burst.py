"""Brigading guard: a burst of alike tips from unknown senders on one identifier asks a person to look.

It moves no lane, in neither direction: a crowd makes nothing urgent (copies count as one reporter), and a child in
danger is not missed because a crowd shouts. What a burst is stands in signals.toml under `[burst]`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from tocsin.cases import flags, signals
from tocsin.cases.models import Case, Flag
from tocsin.identifiers.models import Identifier
from tocsin.linking.models import Copy, Link
from tocsin.tips.models import Tip

MOST = 500  # tips of a case that are looked at: the newest


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
    """The burst among the newest tips of the case, if there is one. At most six queries."""
    limits = signals.load().burst
    tips = _newest(case, timedelta(minutes=limits["minutes"]))
    if len(tips) < limits["tips"]:
        return None
    identifier, named = _most_named(tips)
    tips = [tip for tip in tips if tip.pk in named]
    unknown = [tip for tip in tips if _unknown(tip)]
    alike = _alike(unknown)
    if len(unknown) < limits["tips"] or len(unknown) * 100 < limits["unknown_percent"] * len(tips):
        return None
    if alike * 100 < limits["alike_percent"] * len(unknown):
        return None
    times = [tip.received_at for tip in unknown]
    minutes = int((max(times) - min(times)).total_seconds() // 60) + 1
    networks = len({tip.network for tip in unknown if tip.network is not None})
    return Burst(identifier, len(tips), minutes, len(unknown), alike, networks)


def _newest(case: Case, span: timedelta) -> list[Tip]:
    """The tips that came within `span` of the newest one, and after the last flag that a person settled."""
    since: datetime = case.last_received_at - span
    rows = Tip.objects.filter(case_tip__case=case, received_at__gte=since)
    settled = Flag.objects.filter(case=case, kind=flags.BURST, settled_at__isnull=False)
    if (last := settled.aggregate(at=Max("at"))["at"]) is not None:
        rows = rows.filter(recorded_at__gt=last)
    return list(rows.order_by("-received_at", "-pk")[:MOST])


def _most_named(tips: list[Tip]) -> tuple[str, set[int]]:
    """The identifier that most of these tips name, by its public id, and the ids of those tips."""
    named: dict[int, set[int]] = {}
    for tip, identifier in Link.objects.filter(tip__in=tips, joins=True).values_list(
        "tip_id", "identifier_id"
    ):
        named.setdefault(identifier, set()).add(tip)
    if not named:
        return "", set()
    most = min(named, key=lambda pk: (-len(named[pk]), pk))
    return Identifier.objects.values_list("public_id", flat=True).get(pk=most), named[most]


def _unknown(tip: Tip) -> bool:
    """Nothing tells who sent it: no contact, no sender, no machine, nobody who took the call."""
    return not (tip.contact_tag or tip.sender_tag or tip.client_id or tip.taken_by_id)


def _alike(tips: list[Tip]) -> int:
    """How many of these tips are in the largest set of equal or near-identical texts."""
    copies = dict(Copy.objects.filter(tip__in=tips).values_list("tip_id", "of_id"))
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
