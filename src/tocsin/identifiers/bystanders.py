"""Bystanders: what many tips name and nobody reports. The list is data and a page, changed by two people."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import APPROVERS
from tocsin.audit.record import record
from tocsin.identifiers.catalogue_in_use import canonical_from
from tocsin.identifiers.models import Bystander, BystanderChange, key_of
from tocsin.lib import sealing
from tocsin.lib.writing import write

FILE = Path(__file__).parent / "data" / "bystanders.toml"
Version = tuple[int, object]


@dataclass(frozen=True, slots=True)
class _Listed:
    """The list as it was at one version: keys, and the hosts whose every address is covered."""

    keys: frozenset[str]
    hosts: frozenset[str]


def version() -> Version:
    """Changes whenever the list changes: how many entries, and when the last one was added."""
    with connection.cursor() as cursor:  # plain SQL: asked with every batch of tips
        cursor.execute("SELECT COUNT(*), MAX(added_at) FROM identifiers_bystander")
        count, last = cursor.fetchone()
    return count, last


@lru_cache(maxsize=2)
def _at(_version: Version) -> _Listed:
    rows = list(Bystander.objects.values_list("key", "kind", "canonical"))
    hosts = frozenset(canonical for _key, kind, canonical in rows if kind == "site")
    return _Listed(frozenset(key for key, _kind, _canonical in rows), hosts)


def keys() -> frozenset[str]:
    """The keys of all bystanders; read again only when the list changed."""
    return _at(version()).keys


def is_bystander(key: str) -> bool:
    """Whether this key (`key_of`) is on the list. A URL of a listed site needs `covers`."""
    return key in keys()


def covers(kind: str, platform: str, canonical: str) -> bool:
    """Whether the list names this identifier, or the site on which this address lies."""
    return covered([(kind, platform, canonical)])[0]


def covered(triples: list[tuple[str, str, str]]) -> list[bool]:
    """`covers` for many (kind, platform, canonical) at once: one look at the list."""
    return covered_rows([(key_of(*triple), triple[0], triple[2]) for triple in triples])


def covered_rows(rows: Iterable[tuple[str, str, str]]) -> list[bool]:
    """The same for stored identifiers, whose key is known: (key, kind, canonical)."""
    listed = _at(version())
    return [
        key in listed.keys
        or (kind == "url" and canonical.partition("/")[0].partition("?")[0] in listed.hosts)
        for key, kind, canonical in rows
    ]


def load_data(demonstration: bool | None = None) -> int:
    """Add what `data/bystanders.toml` lists and is not there; returns how many were added.

    Invented entries are taken only for a demonstration (default: the setting). What two people removed from the
    list by the page stays away.
    """
    invented = settings.DEMONSTRATION if demonstration is None else demonstration
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["bystander"]
    rows = {row.key: row for row in (_row(e) for e in entries if invented or not e.get("demonstration"))}
    with write():
        removed = BystanderChange.objects.filter(remove=True, state="approved")
        gone = {key_of(*triple) for triple in removed.values_list("kind", "platform", "canonical")}
        there = set(Bystander.objects.filter(key__in=rows).values_list("key", flat=True))
        new = [row for key, row in rows.items() if key not in there | gone]
        Bystander.objects.bulk_create(new, ignore_conflicts=True)
        if new:
            record("cli:bystanders", "bystanders.loaded", "bystanders", added=len(new))
    return len(new)


def _row(entry: dict[str, Any]) -> Bystander:
    kind, platform, canonical = entry["kind"], entry["platform"], entry["canonical"]
    return Bystander(
        key=key_of(kind, platform, canonical),
        kind=kind,
        platform=platform,
        canonical=canonical,
        label=entry["label"],
        why=entry["why"],
        source=entry["source"],
        source_date=entry["date"],
        added_at=timezone.now(),
    )


def triple_from(text: str) -> tuple[str, str, str]:
    """The one identifier that a person typed: kind, platform, canonical. `NotAllowed` with a sentence otherwise."""
    found = canonical_from(text)
    if not found:
        raise NotAllowed(_("Nothing in this names an account, a group, a site, an address or a number."))
    first = found[0]
    if any((one.start, one.end) != (first.start, first.end) for one in found):
        raise NotAllowed(_("This names several things: propose each of them by itself."))
    return first.kind, first.platform, first.canonical


def propose(
    user: User, triple: tuple[str, str, str], label: str, why: str, source: str = "", remove: bool = False
) -> BystanderChange:
    """Propose an addition or a removal. Raises `NotAllowed` with a sentence where it would change nothing."""
    kind, platform, canonical = triple
    with write():
        if Bystander.objects.filter(key=key_of(*triple)).exists() is not remove:
            raise NotAllowed(_("It is not on the list.") if remove else _("It is on the list already."))
        waiting = BystanderChange.objects.filter(
            kind=kind, platform=platform, canonical=canonical, state="proposed"
        )
        if waiting.exists():
            raise NotAllowed(_("A change of this entry is waiting for approval already."))
        change = BystanderChange(
            remove=remove,
            kind=kind,
            platform=platform,
            canonical=canonical,
            label=label[:120],
            why=why[:40],
            source=source[:200],
        )
        change.mark_proposed(user)
        change.save()
        record(user.actor, "bystander.proposed", f"bystander:{change.public_id}", remove=remove)
    return change


def approve(change: BystanderChange, user: User, digest: str) -> None:
    """Another person approves exactly what `digest` stands for; the list changes in the same transaction.

    From then on linking joins nothing by a new entry; its old links are put out of force by the next step.
    """
    _may(user)
    with write():
        change = BystanderChange.objects.select_for_update().get(pk=change.pk)
        change.save(update_fields=change.mark_approved(user, digest))
        key = key_of(change.kind, change.platform, change.canonical)
        if change.remove:
            Bystander.objects.filter(key=key).delete()
        else:
            Bystander.objects.update_or_create(key=key, defaults=_listed(change))
        record(user.actor, "bystander.approved", f"bystander:{change.public_id}", remove=change.remove)


def _listed(change: BystanderChange) -> dict[str, Any]:
    now = timezone.now()
    names = ("kind", "platform", "canonical", "label", "why", "source")
    return {name: getattr(change, name) for name in names} | {"source_date": now.date(), "added_at": now}


def reject(change: BystanderChange, user: User, reason: str = "") -> None:
    """Not approved: the list stays as it is. `reason` is kept sealed; its proposer reads it on the page."""
    _may(user)
    with write():
        change = BystanderChange.objects.select_for_update().get(pk=change.pk)
        if change.state != "proposed":
            raise NotAllowed(_("This is no longer waiting for approval."))
        change.state = "rejected"
        change.rejection_sealed = sealing.seal(reason.strip()) if reason.strip() else None
        change.save(update_fields=["state", "rejection_sealed"])
        record(user.actor, "bystander.rejected", f"bystander:{change.public_id}")


def _may(user: User) -> None:
    if user.role not in APPROVERS:
        raise NotAllowed(_("You may propose this, but another person has to approve it."))


def describe(change: BystanderChange) -> str:
    """One line for the list of approvals."""
    shown = f"{change.kind}/{change.platform} {change.shown}"
    if change.remove:
        return _("Take %(shown)s (%(label)s) off the bystander list") % {
            "shown": shown,
            "label": change.label,
        }
    return _("Put %(shown)s (%(label)s) on the bystander list") % {"shown": shown, "label": change.label}


def listed() -> QuerySet[Bystander]:
    """The list, for the page."""
    return Bystander.objects.order_by("why", "label", "platform", "canonical")


def waiting() -> QuerySet[BystanderChange]:
    """Changes that wait for a second person."""
    return (
        BystanderChange.objects.filter(state="proposed").select_related("proposed_by").order_by("proposed_at")
    )


def sent_back(user: User) -> list[tuple[BystanderChange, str]]:
    """The latest changes that this person proposed and nobody approved, with the reason."""
    rows = BystanderChange.objects.filter(state="rejected", proposed_by=user).order_by("-proposed_at")[:5]
    return [(row, sealing.unseal(row.rejection_sealed)) for row in rows]
