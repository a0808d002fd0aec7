"""One page of the queue, ready to show: a fixed number of queries, however many cases stand on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.cases.models import Case, Finding
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.lib.ask import ask

SHOWN = 2  # identifiers a row names; the others are counted
ENDS_READ = 25  # tips that a row reads of a big case at either end: the first ones and the newest


@dataclass(frozen=True, slots=True)
class Row:
    """A case of the queue: the identifiers that stand for it, and how many more there are."""

    case: Case
    identifiers: list[Identifier]
    more: int
    at_least: bool = False  # more may be named by tips that are not read
    answers: int = 0  # tips whose reporter wrote something that nobody read yet


def rows(cases: Iterable[Case]) -> list[Row]:
    """The same cases in the same order, each with what its row shows."""
    found = list(cases)
    ids = [case.pk for case in found]
    ranked = _ranked(found)
    wanted = {pk for ordered in ranked.values() for pk in ordered[:SHOWN]}
    known = Identifier.objects.in_bulk(wanted)
    unread = _unread(ids)
    return [
        Row(
            case,
            [known[pk] for pk in ranked[case.pk][:SHOWN]],
            max(0, len(ranked[case.pk]) - SHOWN),
            is_big(case),
            unread.get(case.pk, 0),
        )
        for case in found
    ]


def _unread(ids: list[int]) -> dict[int, int]:
    """Case id -> its tips with an unread answer. The few unread messages lead to the tips, not the other way."""
    written = (  # CROSS JOIN: in this order also where the database would begin with all tips of the cases
        "SELECT c.case_id, COUNT(*) FROM (SELECT DISTINCT box_tag FROM tips_message"
        " WHERE NOT outward AND read_at IS NULL AND box_tag <> '') b"
        " CROSS JOIN tips_tip t CROSS JOIN cases_casetip c"
        " WHERE t.box_tag = b.box_tag AND c.tip_id = t.id AND c.case_id {among} GROUP BY c.case_id"
    )
    return dict(ask(written, ids)) if ids else {}


def _ranked(cases: list[Case]) -> dict[int, list[int]]:
    """Identifier ids of each case: reported ones first, then those that most tips name; bystanders never.

    Of a case of many tips the first and the newest are read: what joins the case stands in both. Two queries.
    """
    score: dict[int, dict[int, tuple[int, int]]] = defaultdict(lambda: defaultdict(lambda: (0, 0)))
    for case_id, identifier_id, flag, count in [*_named(cases), *_found(cases)]:
        before = score[case_id][identifier_id]
        score[case_id][identifier_id] = (max(before[0], flag), before[1] + count)
    return defaultdict(
        list,
        {case: sorted(some, key=lambda pk: (-some[pk][0], -some[pk][1], pk)) for case, some in score.items()},
    )


def _named(cases: list[Case]) -> list[tuple[int, int, int, int]]:
    """(case, identifier, whether a person confirmed it as reported, tips), as the tips that are read name them."""
    big = [case.pk for case in cases if is_big(case)]
    ends = [_END.format(way, ENDS_READ) for way in ("ASC", "DESC")]
    parts = ["SELECT case_id, tip_id FROM cases_casetip WHERE case_id {among}", *ends * len(big)]
    named = _NAMED.replace("PLACES", " UNION ALL ".join(parts))
    small, both = [case.pk for case in cases if not is_big(case)], [pk for one in big for pk in (one, one)]
    return ask(named, small, *both) if cases else []


_END = (
    "SELECT * FROM (SELECT case_id, tip_id FROM cases_casetip WHERE case_id = %s ORDER BY id {} LIMIT {}) e"
)
_NAMED = (
    "SELECT t.case_id, m.identifier_id, MAX(CASE WHEN m.role = 'reported' THEN 1 ELSE 0 END), COUNT(*)"
    " FROM (PLACES) t JOIN tips_mention m ON m.tip_id = t.tip_id"
    " WHERE m.identifier_id IS NOT NULL AND m.role <> 'bystander' GROUP BY t.case_id, m.identifier_id"
)


def _found(cases: list[Case]) -> list[tuple[int, int, int, int]]:
    findings = Finding.objects.filter(case__in=cases, identifier__isnull=False)
    rows = findings.exclude(role=MentionRole.BYSTANDER).values_list("case_id", "identifier_id", "role")
    return [(case, pk or 0, int(role == MentionRole.REPORTED), 1) for case, pk, role in rows]


def is_big(case: Case) -> bool:
    """Whether a row of the queue reads only a part of the case's tips. `tips_count`: see `queries.queue`."""
    return int(getattr(case, "tips_count", 0)) > 2 * ENDS_READ
