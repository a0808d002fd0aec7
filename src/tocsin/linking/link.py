"""Write links: for new tips, after a person set a role, and after the bystander list or the hubs changed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from tocsin.identifiers import bystanders
from tocsin.identifiers.models import Bystander, Identifier
from tocsin.lib.ask import ask, time_of
from tocsin.lib.rows import insert, insert_missing, new
from tocsin.lib.writing import write
from tocsin.linking import degree, hubs
from tocsin.linking.degree import Thing
from tocsin.linking.models import Link, Linked, WeakPair
from tocsin.linking.rules import (
    BYSTANDER,
    HUB,
    JOINING,
    SIGNS,
    UNKNOWN_PLATFORMS,
    WEAK,
    Naming,
    is_sign,
    rule,
)
from tocsin.tips.models import Mention, Tip

BATCH = 500  # rows a statement
_RECEIVED = "SELECT id, received_at FROM tips_tip WHERE id {among} ORDER BY id"
_MENTIONS = """SELECT m.tip_id, m.identifier_id, m.role, i.key, i.kind, i.platform, i.canonical, i.strength
    FROM tips_mention m LEFT JOIN identifiers_identifier i ON i.id = m.identifier_id
    WHERE m.tip_id {among} ORDER BY m.id"""


class Named(NamedTuple):
    """A mention with its identifier, as the rules look at it: read as plain values, a fifth of the cost of objects."""

    tip: int
    identifier: int | None  # None: sealed
    role: str
    key: str
    kind: str
    platform: str
    canonical: str
    strength: str


def link_tips(tips: Sequence[Tip]) -> None:
    """One link for each readable mention of these tips, and the row that says they were linked.

    A bounded number of statements and one insert a batch of rows, however many tips. Two workers with the same
    tips: the second one finds them done. What becomes a hub by these links is one in the same transaction.
    """
    with write():
        times = _unlinked([tip.pk for tip in tips])
        now = timezone.now()
        insert([new(Linked, tip_id=pk, at=now) for pk in times])
        named = _named(times)
        links = _links(named, times)
        insert(links)
        things = things_of(named)
        insert_missing(_pairs(links, things))
        follow_hubs(hubs.notice(degree.count_in(links, things)))


def _named(tips: Iterable[int]) -> list[Named]:
    return [Named(*row) for row in ask(_MENTIONS, tips)]


def things_of(named: Iterable[Named]) -> dict[int, Thing]:
    """What the identifiers of these are, by id."""
    return {one.identifier: Thing(one.kind, one.platform, one.canonical) for one in named if one.identifier}


def _unlinked(ids: list[int]) -> dict[int, datetime]:
    """The tips that still have no links, locked until the transaction ends, with the times they were received."""
    lock = " FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""
    there = ask(_RECEIVED + lock, ids)
    done = {tip for (tip,) in ask("SELECT tip_id FROM linking_linked WHERE tip_id {among}", ids)}
    return {pk: time_of(at) for pk, at in there if pk not in done}


def _links(named: Sequence[Named], times: Mapping[int, datetime]) -> list[Link]:
    """The links of all mentions of some tips."""
    counts = Counter(one.tip for one in named)  # sealed ones count: a list is a list
    readable = [one for one in named if one.identifier is not None]
    listed = bystanders.covered_rows((one.key, one.kind, one.canonical) for one in readable)
    said = hubs.verdicts({one.identifier for one in readable if one.identifier})
    now = timezone.now()
    links = []
    for one, is_listed in zip(readable, listed, strict=True):
        by = rule(Naming(one.strength, one.role, is_listed, counts[one.tip], said.get(one.identifier or 0)))
        links.append(
            new(
                Link, tip_id=one.tip, identifier_id=one.identifier, strength=one.strength, joins=by in JOINING,
                rule=by, tip_at=times[one.tip], at=now,
            )
        )  # fmt: skip
    return links


def _pairs(links: Iterable[Link], things: Mapping[int, Thing]) -> list[WeakPair]:
    """Each weak name of a tip with each second sign beside it: what else the tip names, and its text.

    Two tips that share such a pair share a weak name and a second sign; neither of them alone joins anything.
    """
    by_tip = defaultdict[int, list[Link]](list)
    for link in links:
        if is_sign(link.rule):
            by_tip[link.tip_id].append(link)
    weak = {
        tip: {one.identifier_id for one in some if _pairs_up(one, things)} for tip, some in by_tip.items()
    }
    weak = {tip: some for tip, some in weak.items() if some}
    copies = "SELECT tip_id, of_id FROM linking_copy WHERE tip_id {among}"
    roots = dict(ask(copies, weak)) if weak else {}
    rows = []
    for tip, names in weak.items():
        for first in sorted(names):
            rows.append(_pair(tip, first, None, f"{first}:text:{roots.get(tip, tip)}"))
            for other in (link.identifier_id for link in by_tip[tip]):
                if other != first and not (other in names and other < first):
                    low, high = sorted((first, other))
                    rows.append(_pair(tip, first, other, f"{low}:{high}"))
    return rows


def _pairs_up(link: Link, things: Mapping[int, Thing]) -> bool:
    return link.rule == WEAK and things[link.identifier_id].platform not in UNKNOWN_PLATFORMS


def _pair(tip: int, weak: int, other: int | None, text: str) -> WeakPair:
    digest = hashlib.blake2b(text.encode(), digest_size=8, person=b"tocsin-pair").digest()
    return new(WeakPair, tip_id=tip, weak_id=weak, other_id=other, key=int.from_bytes(digest, "big") >> 1)


def _renew_pairs(tip_ids: Iterable[int]) -> None:
    """Make the weak pairs of these tips say what their links say now."""
    ids = sorted(set(tip_ids))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        links = list(Link.objects.filter(tip__in=some, rule__in=SIGNS))
        named = Identifier.objects.filter(pk__in={link.identifier_id for link in links})
        rows = named.values_list("pk", "kind", "platform", "canonical")
        things = {pk: Thing(*rest) for pk, *rest in rows}
        there = WeakPair.objects.filter(tip__in=some)
        if there.exists():
            there.delete()
        insert_missing(_pairs(links, things))


def follow_hubs(ids: Iterable[int]) -> None:
    """Make the links of these identifiers say what `hubs` says of them now. Inside `with write():`."""
    asked = list(ids)
    if not asked:
        return
    said = hubs.verdicts(asked)
    now_hubs = [pk for pk, hub in said.items() if hub]
    stale = Link.objects.filter(identifier__in=now_hubs, joins=True)
    _renew_pairs(_turned(stale, HUB))
    freed = Mention.objects.filter(identifier__in=[pk for pk, hub in said.items() if not hub]).order_by("pk")
    ids_freed = list(freed.values_list("pk", flat=True))
    for start in range(0, len(ids_freed), BATCH):
        follow_roles(Mention.objects.filter(pk__in=ids_freed[start : start + BATCH]))


def _turned(links: QuerySet[Link], by: str) -> list[int]:
    """These links join no more, by this rule; the tips among them that have weak pairs."""
    paired = list(
        links.filter(tip__in=WeakPair.objects.values("tip")).values_list("tip_id", flat=True).distinct()
    )
    links.update(joins=False, rule=by, at=timezone.now())
    return paired


def follow_roles(mentions: Iterable[Mention]) -> None:
    """Make the links of these mentions say what their roles say now. Inside `with write():`.

    Only the future changes: tips that are together stay together until a person moves them.
    """
    pairs = {(mention.tip_id, mention.identifier_id) for mention in mentions if mention.identifier_id}
    tips = {tip for tip, _identifier in pairs}
    fresh = _fresh(tips)
    wanted = [fresh[pair] for pair in sorted(pairs) if pair in fresh]
    Link.objects.bulk_create(
        wanted,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["tip", "identifier"],
        update_fields=["joins", "rule", "at"],
    )
    _renew_pairs(tips)


def _fresh(tips: Iterable[int]) -> dict[tuple[int, int], Link]:
    """(tip, identifier) -> the link as the rules give it now."""
    ids = list(tips)
    links = _links(_named(ids), {pk: time_of(at) for pk, at in ask(_RECEIVED, ids)})
    return {(link.tip_id, link.identifier_id): link for link in links}


def follow_reading(tip_ids: Iterable[int]) -> None:
    """Make the links of these tips say what their mentions say now, after they were read again.

    Inside `with write():`. A tip that was never linked is left to the step.
    """
    linked = set(Linked.objects.filter(tip_id__in=list(tip_ids)).values_list("tip_id", flat=True))
    fresh = _fresh(linked)
    there = Link.objects.filter(tip_id__in=linked).values_list("pk", "tip_id", "identifier_id")
    stale = [pk for pk, tip, identifier in there if (tip, identifier) not in fresh]
    Link.objects.filter(pk__in=stale).delete()
    Link.objects.bulk_create(
        [fresh[pair] for pair in sorted(fresh)],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["tip", "identifier"],
        update_fields=["strength", "joins", "rule", "at"],
    )
    _renew_pairs(linked)


def unlink(tip_ids: Iterable[int], identifier: Identifier) -> None:
    """Drop these tips' links to an identifier that is about to be sealed. Inside `with write():`."""
    ids = list(tip_ids)
    Link.objects.filter(tip_id__in=ids, identifier=identifier).delete()
    _renew_pairs(ids)


def follow_list() -> int:
    """Links that join by something which is on the bystander list now join no more; returns how many changed.

    Starts from the list, which is short, through indexes: identifier by key, its joining links.
    """
    listed = list(Bystander.objects.values_list("key", "kind", "canonical"))
    ids = set(
        Identifier.objects.filter(key__in=[key for key, _kind, _text in listed]).values_list("pk", flat=True)
    )
    hosts = [text for _key, kind, text in listed if kind == "site"]
    for host in hosts:
        urls = Identifier.objects.filter(kind="url", canonical__startswith=f"{host}/")
        ids.update(urls.values_list("pk", flat=True))
    stale = Link.objects.filter(identifier_id__in=ids, joins=True)
    if not stale.exists():
        return 0
    with write():
        count = stale.count()
        _renew_pairs(_turned(stale, BYSTANDER))
    return count
