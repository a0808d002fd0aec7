"""Write links: for new tips, after a person set a role, and after the bystander list changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils import timezone

from tocsin.identifiers import bystanders
from tocsin.identifiers.models import Bystander, Identifier
from tocsin.lib.writing import write
from tocsin.linking.models import Link, Linked
from tocsin.linking.rules import BYSTANDER, JOINING, Naming, rule
from tocsin.tips.models import Mention, Tip

BATCH = 500  # rows a statement


def link_tips(tips: Sequence[Tip]) -> None:
    """One link for each readable mention of these tips, and the row that says they were linked.

    Five statements and one insert a batch of rows, however many tips. Two workers with the same tips: the
    second one finds them done.
    """
    with write():
        todo = _unlinked([tip.pk for tip in tips])
        now = timezone.now()
        Linked.objects.bulk_create([Linked(tip_id=pk, at=now) for pk in todo], batch_size=BATCH)
        mentions = Mention.objects.filter(tip_id__in=todo).select_related("identifier").order_by("pk")
        links = _links(list(mentions))
        Link.objects.bulk_create(links, batch_size=BATCH)


def _unlinked(ids: list[int]) -> list[int]:
    """The tips that still have no links, locked until the transaction ends."""
    rows = Tip.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    there = list(rows.values_list("pk", flat=True))
    done = set(Linked.objects.filter(tip_id__in=there).values_list("tip_id", flat=True))
    return [pk for pk in there if pk not in done]


def _links(mentions: list[Mention]) -> list[Link]:
    named = Counter(mention.tip_id for mention in mentions)  # sealed ones count: a list is a list
    readable = [(mention, mention.identifier) for mention in mentions if mention.identifier is not None]
    listed = bystanders.covered([_triple(identifier) for _mention, identifier in readable])
    return [
        _link(mention, identifier, is_listed, named[mention.tip_id])
        for (mention, identifier), is_listed in zip(readable, listed, strict=True)
    ]


def _triple(identifier: Identifier) -> tuple[str, str, str]:
    return identifier.kind, identifier.platform, identifier.canonical


def _link(mention: Mention, identifier: Identifier, listed: bool, named: int) -> Link:
    by = rule(Naming(identifier.strength, mention.role, listed, named))
    return Link(
        tip_id=mention.tip_id,
        identifier=identifier,
        strength=identifier.strength,
        joins=by in JOINING,
        rule=by,
        at=timezone.now(),
    )


def follow_roles(mentions: Iterable[Mention]) -> None:
    """Make the links of these mentions say what their roles say now. Inside `with write():`.

    Only the future changes: tips that are together stay together until a person moves them.
    """
    pairs = {(mention.tip_id, mention.identifier_id) for mention in mentions if mention.identifier_id}
    tips = {tip for tip, _identifier in pairs}
    rows = list(Mention.objects.filter(tip_id__in=tips).select_related("identifier"))
    fresh = {(link.tip_id, link.identifier_id): link for link in _links(rows)}
    wanted = [fresh[pair] for pair in sorted(pairs) if pair in fresh]
    Link.objects.bulk_create(
        wanted,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["tip", "identifier"],
        update_fields=["joins", "rule", "at"],
    )


def follow_reading(tip_ids: Iterable[int]) -> None:
    """Make the links of these tips say what their mentions say now, after they were read again.

    Inside `with write():`. A tip that was never linked is left to the step.
    """
    linked = set(Linked.objects.filter(tip_id__in=list(tip_ids)).values_list("tip_id", flat=True))
    rows = Mention.objects.filter(tip_id__in=linked).select_related("identifier").order_by("pk")
    fresh = {(link.tip_id, link.identifier_id): link for link in _links(list(rows))}
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


def unlink(tip_ids: Iterable[int], identifier: Identifier) -> None:
    """Drop these tips' links to an identifier that is about to be sealed. Inside `with write():`."""
    Link.objects.filter(tip_id__in=list(tip_ids), identifier=identifier).delete()


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
        return stale.update(joins=False, rule=BYSTANDER, at=timezone.now())
