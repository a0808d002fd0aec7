"""What a person looks at before two cases become one or one becomes two: who names what, side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from tocsin.accounts import policy
from tocsin.accounts.models import User
from tocsin.cases import events, queries
from tocsin.cases.models import Case, CaseTip, Finding, Flag, MergeProposal
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.lib import sealing
from tocsin.tips.models import Mention, Tip

SHOWN = 8  # identifiers that one side alone names; the others are counted


@dataclass(frozen=True, slots=True)
class Shared:
    """An identifier that both cases name, in how many tips of each, and whether it is why they are compared."""

    identifier: Identifier
    one: int
    other: int
    because: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of two cases: how many tips, and what only it names (identifier, tips), most named first."""

    case: Case
    tips: int
    alone: list[tuple[Identifier, int]]
    more: int
    notes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two cases side by side. `direct`: a merge would happen at once, as people worked on one at most."""

    sides: tuple[Side, Side]
    shared: list[Shared]
    direct: bool


def compare(one: Case, other: Case, because: Iterable[str] = ()) -> Comparison:
    """Both cases with what they share. A bounded number of queries, whatever is in them."""
    cases = (one, other)
    named = _named([case.pk for case in cases])
    mine, theirs = named[one.pk], named[other.pk]
    known = Identifier.objects.in_bulk({*mine, *theirs})
    reasons = set(because)
    both = [
        Shared(known[pk], mine[pk], theirs[pk], known[pk].public_id in reasons) for pk in mine if pk in theirs
    ]
    both.sort(key=lambda row: (not row.because, -(row.one + row.other), row.identifier.pk))
    shared = {row.identifier.pk for row in both}
    tips = _tips([case.pk for case in cases])
    sides = tuple(_side(case, tips.get(case.pk, 0), named[case.pk], shared, known) for case in cases)
    return Comparison((sides[0], sides[1]), both, not (one.worked_on and other.worked_on))


def _named(ids: list[int]) -> dict[int, dict[int, int]]:
    """Case -> identifier -> tips of it that name it. Bystanders are no evidence, sealed ones are never told."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    mentions = Mention.objects.filter(tip__case_tip__case__in=ids, identifier__isnull=False)
    rows = mentions.exclude(role=MentionRole.BYSTANDER).order_by()
    for case, identifier, n in rows.values_list("tip__case_tip__case", "identifier").annotate(n=Count("pk")):
        found[case][identifier] = n
    for case, identifier in Finding.objects.filter(case__in=ids).values_list("case", "identifier"):
        if identifier is not None:
            found[case].setdefault(identifier, 0)
    return found


def _tips(ids: list[int]) -> dict[int, int]:
    rows = CaseTip.objects.filter(case__in=ids).order_by()
    return dict(rows.values_list("case").annotate(n=Count("pk")))


def _side(
    case: Case, tips: int, named: dict[int, int], shared: set[int], known: dict[int, Identifier]
) -> Side:
    ranked = sorted((pk for pk in named if pk not in shared), key=lambda pk: (-named[pk], pk))
    alone = [(known[pk], named[pk]) for pk in ranked[:SHOWN]]
    return Side(case, tips, alone, max(0, len(ranked) - SHOWN), case.notes.count())


@dataclass(frozen=True, slots=True)
class Proposed:
    """A merge that waits: its two cases side by side, the reason, who made it, what the reader may do."""

    item: MergeProposal
    found: Comparison
    reason: str
    own: bool


def of_proposals(rows: Iterable[MergeProposal], user: User) -> list[Proposed]:
    """Each proposal with its evidence."""
    return [
        Proposed(
            row,
            compare(row.one, row.other, row.because),
            sealing.unseal(row.reason_sealed),
            row.proposed_by_id == user.pk,
        )
        for row in rows
        if policy.allowed(user, "case.read")
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """A tip of a case on the page that splits it: the tip, what put it there, and what it names."""

    line: queries.TipLine
    names: list[Identifier]


def places(case: Case, naming: str = "") -> QuerySet[CaseTip]:
    """The tips of a case, oldest first; with `naming` (a public id) only those that name this identifier."""
    rows = case.case_tips.select_related("tip").order_by("tip__received_at", "tip_id")
    return rows.filter(tip__mentions__identifier__public_id=naming).distinct() if naming else rows


def named_by(tips: Iterable[Tip]) -> dict[int, list[Identifier]]:
    """Tip -> the identifiers that it names, readable ones. One query."""
    found: dict[int, list[Identifier]] = defaultdict(list)
    rows = Mention.objects.filter(tip__in=list(tips), identifier__isnull=False).select_related("identifier")
    for row in rows.order_by("pk"):
        if row.identifier is not None and row.identifier not in found[row.tip_id]:
            found[row.tip_id].append(row.identifier)
    return found


def identifiers(case: Case) -> list[tuple[Identifier, int]]:
    """Every readable identifier of the case with the number of its tips, most named first."""
    named = _named([case.pk])[case.pk]
    known = Identifier.objects.in_bulk(named)
    return sorted(((known[pk], n) for pk, n in named.items()), key=lambda pair: (-pair[1], pair[0].pk))


def actors(names: Iterable[str]) -> dict[str, str]:
    """How the pages call who did something."""
    return events.actor_labels(names)


def flagged(rows: Iterable[Flag]) -> dict[str, Identifier]:
    """The identifiers that flags are about, by public id. One query."""
    names = {row.about for row in rows if row.about}
    return {row.public_id: row for row in Identifier.objects.filter(public_id__in=names)} if names else {}
