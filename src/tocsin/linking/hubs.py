"""Hubs: what so many share that it joins nothing. By kind and data file (strength `hub`), by degree, by people.

A site or an address whose different companions reach the threshold is a hub from then on; people may say otherwise, and
then its degree is never asked again. Accounts, groups and payments never become hubs by themselves: degree only
proposes an entry for the bystander list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import APPROVERS
from tocsin.audit.record import record, record_many
from tocsin.identifiers import bystanders
from tocsin.identifiers.models import Identifier
from tocsin.lib import sealing
from tocsin.lib.ask import ask
from tocsin.lib.writing import write
from tocsin.linking import degree
from tocsin.linking.models import Companion, Degree, Hub, HubChange, Threshold

DEGREE, PERSON = "degree", "person"


def verdicts(ids: Iterable[int]) -> dict[int, bool]:
    """Identifier id -> whether it is a hub, where degree or people said so; the others are not in it."""
    said = ask("SELECT identifier_id, hub FROM linking_hub WHERE identifier_id {among}", ids)
    return {pk: bool(hub) for pk, hub in said}


def notice(ids: Iterable[int]) -> list[int]:
    """Sites and addresses whose companions have reached the threshold become hubs. Inside `with write():`.

    Returns their ids: the links that join by them have to follow (`link.follow_hubs`).
    """
    asked = list(ids)
    if not asked:
        return []
    most = degree.threshold("hub")
    found = {pk: count for pk, count in degree.companions(asked).items() if count >= most}
    new = sorted(set(found) - set(verdicts(found)))
    if not new:
        return []
    now = timezone.now()
    Hub.objects.bulk_create(
        Hub(identifier_id=pk, hub=True, why=DEGREE, degree=found[pk], at=now) for pk in new
    )
    names = dict(Identifier.objects.filter(pk__in=new).values_list("pk", "public_id"))
    record_many(("worker", "hub.noticed", f"identifier:{names[pk]}", {"degree": found[pk]}) for pk in new)
    return new


def set_threshold(name: str, value: int, user: User) -> None:
    """From now on. Hubs by degree that no longer reach it stay until people reverse them; the page shows which."""
    if name not in degree.DEFAULTS or not 2 <= value <= 1_000_000:
        raise NotAllowed(_("Give a number between 2 and 1,000,000."))
    with write():
        before = degree.threshold(name)
        values = {"value": value, "set_by": user, "set_at": timezone.now()}
        Threshold.objects.update_or_create(name=name, defaults=values)
        record(user.actor, "linking.threshold", f"threshold:{name}", before=before, after=value)


def would_be(value: int) -> list[tuple[Identifier, int]]:
    """The sites and addresses that a threshold of `value` makes hubs and that are none yet; most companions first."""
    reach = [(pk, count) for pk, count in _all_companions().items() if count >= value]
    known = verdicts(pk for pk, _count in reach)
    rows = Identifier.objects.in_bulk([pk for pk, _count in reach if pk not in known])
    return sorted(((rows[pk], n) for pk, n in reach if pk in rows), key=lambda pair: (-pair[1], pair[0].pk))


def _all_companions() -> Mapping[int, int]:
    return dict(Companion.objects.order_by().values_list("identifier").annotate(n=Count("pk")))


def apply_threshold() -> int:
    """What `would_be` lists becomes a hub, at once; returns how many did. After the threshold was lowered."""
    from tocsin.linking.link import follow_hubs

    with write():
        new = notice(row.pk for row, _count in would_be(degree.threshold("hub")))
        follow_hubs(new)
    return len(new)


def listed() -> QuerySet[Hub]:
    """What degree or people said, hubs first, the highest degree first."""
    return Hub.objects.select_related("identifier").order_by("-hub", "-degree", "pk")


def propose(user: User, identifier: Identifier, hub: bool, reason: str) -> HubChange:
    """A person says that it is a hub, or is none; another one approves."""
    if not reason.strip():
        raise NotAllowed(_("Say why, in a few words."))
    with write():
        if HubChange.objects.filter(identifier=identifier, state="proposed").exists():
            raise NotAllowed(_("A change of this entry is waiting for approval already."))
        if verdicts([identifier.pk]).get(identifier.pk, identifier.strength == "hub") is hub:
            raise NotAllowed(_("It is a hub already.") if hub else _("It is no hub."))
        change = HubChange(identifier=identifier, hub=hub, reason_sealed=sealing.seal(reason.strip()))
        change.mark_proposed(user)
        change.save()
        record(user.actor, "hub.proposed", f"identifier:{identifier.public_id}", hub=hub)
    return change


def approve(change: HubChange, user: User, digest: str) -> None:
    """Another person approves: links follow in the same transaction, cases when they are cut (or tips come)."""
    from tocsin.linking.link import follow_hubs

    _may(user)
    with write():
        row = HubChange.objects.select_for_update().select_related("identifier").get(pk=change.pk)
        row.save(update_fields=row.mark_approved(user, digest))
        count = degree.companions([row.identifier_id]).get(row.identifier_id, 0)
        values = {"hub": row.hub, "why": PERSON, "degree": count, "at": timezone.now(), "cut_at": None}
        Hub.objects.update_or_create(identifier=row.identifier, defaults=values)
        follow_hubs([row.identifier_id])
        record(user.actor, "hub.approved", f"identifier:{row.identifier.public_id}", hub=row.hub)


def reject(change: HubChange, user: User, reason: str = "") -> None:
    """Not approved: everything stays as it is."""
    _may(user)
    with write():
        row = HubChange.objects.select_for_update().select_related("identifier").get(pk=change.pk)
        if row.state != "proposed":
            raise NotAllowed(_("This is no longer waiting for approval."))
        row.state = "rejected"
        row.rejection_sealed = sealing.seal(reason.strip()) if reason.strip() else None
        row.save(update_fields=["state", "rejection_sealed"])
        record(user.actor, "hub.rejected", f"identifier:{row.identifier.public_id}")


def _may(user: User) -> None:
    if user.role not in APPROVERS:
        raise NotAllowed(_("You may propose this, but another person has to approve it."))


def describe(change: HubChange) -> str:
    """One line for the list of approvals."""
    name = f"{change.identifier.kind}/{change.identifier.platform} {change.shown}"
    if change.hub:
        return _("Let %(name)s join nothing: many share it") % {"name": name}
    return _("Let %(name)s join tips again: it is no hub") % {"name": name}


def bystander_proposals(most: int = 50) -> list[tuple[Identifier, int]]:
    """Accounts, groups, payments and numbers that so many tips name that they may be bystanders: people decide."""
    rows = Degree.objects.filter(tips__gte=degree.threshold("bystander"))
    rows = (
        rows.exclude(identifier__kind__in=degree.GLUES).select_related("identifier").order_by("-tips", "pk")
    )
    found = [(row.identifier, row.tips) for row in rows[: most * 2]]
    known = bystanders.covered([(one.kind, one.platform, one.canonical) for one, _tips in found])
    return [pair for pair, is_listed in zip(found, known, strict=True) if not is_listed][:most]
