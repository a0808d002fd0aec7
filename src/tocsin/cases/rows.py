"""One page of the queue, ready to show: a fixed number of queries, however many cases stand on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case as When_
from django.db.models import Count, IntegerField, Value, When

from tocsin.cases.models import Case, Finding
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.tips.models import Mention, Message, Tip

SHOWN = 2  # identifiers a row names; the others are counted


@dataclass(frozen=True, slots=True)
class Row:
    """A case of the queue: the identifiers that stand for it, and how many more there are."""

    case: Case
    identifiers: list[Identifier]
    more: int
    answers: int = 0  # tips whose reporter wrote something that nobody read yet


def rows(cases: Iterable[Case]) -> list[Row]:
    """The same cases in the same order, each with what its row shows."""
    found = list(cases)
    ids = [case.pk for case in found]
    ranked = _ranked(ids)
    wanted = {pk for ordered in ranked.values() for pk in ordered[:SHOWN]}
    known = Identifier.objects.in_bulk(wanted)
    unread = _unread(ids)
    return [
        Row(
            case,
            [known[pk] for pk in ranked[case.pk][:SHOWN]],
            max(0, len(ranked[case.pk]) - SHOWN),
            unread.get(case.pk, 0),
        )
        for case in found
    ]


def _unread(ids: list[int]) -> dict[int, int]:
    """Case id -> its tips with an unread answer. The few unread messages lead to the tips, not the other way."""
    boxes = Message.objects.filter(outward=False, read_at__isnull=True).exclude(box_tag="").values("box_tag")
    tips = Tip.objects.filter(case_tip__case__in=ids, box_tag__in=boxes).order_by()
    return dict(tips.values_list("case_tip__case").annotate(n=Count("pk")))


def _ranked(ids: list[int]) -> dict[int, list[int]]:
    """Identifier ids of each case: reported ones first, then those that most tips name; bystanders never."""
    reported = When_(
        When(role=MentionRole.REPORTED, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    score: dict[int, dict[int, tuple[int, int]]] = defaultdict(lambda: defaultdict(lambda: (0, 0)))
    mentions = Mention.objects.filter(tip__case_tip__case__in=ids, identifier__isnull=False)
    findings = Finding.objects.filter(case__in=ids, identifier__isnull=False)
    for query, case in ((mentions, "tip__case_tip__case"), (findings, "case")):
        named = query.exclude(role=MentionRole.BYSTANDER).values_list(case, "identifier", reported)
        for case_id, identifier_id, flag, count in named.annotate(n=Count("pk")):
            before = score[case_id][identifier_id]
            score[case_id][identifier_id] = (max(before[0], flag), before[1] + count)
    return defaultdict(
        list,
        {case: sorted(some, key=lambda pk: (-some[pk][0], -some[pk][1], pk)) for case, some in score.items()},
    )
