"""Tips of a case in groups, for a picture that cannot show each: by identifier and day, counted by the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from tocsin.cases.graph_parts import Named
from tocsin.cases.models import Case, CaseTip
from tocsin.linking.models import Link

OPENED = 60  # tips that one group shows when it is opened
DAY, MONTH, ALL = 10, 7, 0  # how much of 2026-03-01 names a group
EVERY_DAY = "all"


@dataclass(slots=True)
class Group:
    """Tips of one case that name one identifier on one day (2026-03-01), in one month (2026-03), or ever (all)."""

    case_id: int
    identifier_id: int
    days: str
    tips: int
    joined: int


def groups(cases: Sequence[Case], named: Mapping[int, Named], room: int) -> list[Group]:
    """At most `room` groups, as fine as they fit. A tip that names two identifiers counts at both. One query."""
    links = Link.objects.filter(tip__case_tip__case__in=cases, identifier_id__in=named)
    counted = (
        links.annotate(day=TruncDate("tip__received_at"))
        .order_by()
        .values_list("tip__case_tip__case_id", "identifier_id", "day")
        .annotate(n=Count("pk"), joined=Count("pk", filter=Q(joins=True)))
    )
    found = [Group(case, pk, str(day), n, joined) for case, pk, day, n, joined in counted]
    rising = sorted(((pk, one.tips) for pk, one in named.items()), key=lambda pair: (pair[1], -pair[0]))
    for width in (MONTH, ALL):  # what fewest tips name is told in the coarsest way
        for pk, _tips in rising:
            if len(found) <= room:
                break
            found = _by(found, pk, width)
    return sorted(found, key=lambda one: (-named[one.identifier_id].tips, one.identifier_id, one.days))[
        : max(room, 0)
    ]


def _by(groups: Iterable[Group], identifier_id: int, width: int) -> list[Group]:
    """The same groups, those of one identifier brought together by month or altogether."""
    found: dict[tuple[int, int, str], Group] = {}
    for one in groups:
        name = (one.days[:width] or EVERY_DAY) if one.identifier_id == identifier_id else one.days
        key = (one.case_id, one.identifier_id, name)
        into = found.setdefault(key, Group(*key, 0, 0))
        into.tips += one.tips
        into.joined += one.joined
    return list(found.values())


def tips_of(group: str, cases: Sequence[Case], named: Mapping[int, Named], most: int) -> list[int]:
    """The newest tips of the group CASE:IDENTIFIER:DAYS, at most `most`. One query; nothing for a strange name."""
    number, _, rest = group.partition(":")
    name, _, days = rest.partition(":")
    case = next((one for one in cases if one.number == number), None)
    pk = next((pk for pk, one in named.items() if one.identifier.public_id == name), None)
    when = _when(days)
    if case is None or pk is None or when is None:
        return []
    links = Link.objects.filter(when, tip__case_tip__case=case, identifier_id=pk)
    return list(links.order_by("-tip__received_at", "-tip_id").values_list("tip_id", flat=True)[:most])


def _when(days: str) -> Q | None:
    if days == EVERY_DAY:
        return Q()
    try:
        day = date.fromisoformat(days if len(days) == DAY else f"{days}-01")
    except ValueError:
        return None
    if len(days) == DAY:
        return Q(tip__received_at__date=day)
    return Q(tip__received_at__year=day.year, tip__received_at__month=day.month)


def unnamed(case: Case, named: Collection[int]) -> int:
    """How many tips of a case name nothing that is in the picture. One query."""
    naming = Link.objects.filter(tip__case_tip__case=case, identifier_id__in=named)
    there = naming.aggregate(n=Count("tip_id", distinct=True))["n"]
    return CaseTip.objects.filter(case=case).count() - int(there)
