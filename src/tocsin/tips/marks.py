"""Senders whose tips repeatedly abused the hotline: their tips are stored as ever, but scored into the low lane.

A mark lies on the keyed tag of a left contact or of an imported sender; whoever writes without either cannot be
marked. It counts for tips that are scored from then on.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import allowed
from tocsin.audit.record import record
from tocsin.lib.ask import ask
from tocsin.lib.writing import write
from tocsin.tips.models import SenderMark, Tip

_MARKED = "SELECT tag FROM tips_sendermark WHERE lifted_at IS NULL AND tag {among}"
REASONS: dict[str, str | Promise] = {
    "advertising": gettext_lazy("sends advertising"),
    "invented": gettext_lazy("sends invented tips"),
    "threats": gettext_lazy("threatens or insults"),
    "other": gettext_lazy("abuses the hotline in another way"),
}


def mark(tip: Tip, why: str, user: User) -> int:
    """Mark the sender of this tip; how many tags are newly marked (0: all were).

    Raises `NotAllowed` with a sentence: without a reason, or where nothing tells who sent it.
    """
    _may(user)
    if why not in REASONS:
        raise NotAllowed(_("Choose a reason."))
    tags = _tags(tip)
    if not tags:
        raise NotAllowed(_("Nothing tells who sent this tip, so its sender cannot be marked."))
    with write():
        known = set(active().filter(tag__in=tags).values_list("tag", flat=True))
        new = [tag for tag in tags if tag not in known]
        now = timezone.now()
        SenderMark.objects.bulk_create(
            [SenderMark(tag=tag, why=why, marked_by=user, marked_at=now) for tag in new]
        )
        if new:
            record(user.actor, "sender.marked", f"tip:{tip.public_id}", why=why, tags=len(new))
    return len(new)


def lift(tag: str, user: User) -> bool:
    """Take the mark away; False where there is none."""
    _may(user)
    with write():
        lifted = active().filter(tag=tag).update(lifted_by=user, lifted_at=timezone.now())
        if lifted:
            record(user.actor, "sender.mark_lifted", f"sender:{tag}")
    return bool(lifted)


def active() -> QuerySet[SenderMark]:
    """The marks that count, newest first."""
    rows = SenderMark.objects.filter(lifted_at__isnull=True).select_related("marked_by")
    return rows.order_by("-marked_at", "-pk")


def of(tip: Tip) -> SenderMark | None:
    """The mark on this tip's sender, if there is one."""
    tags = _tags(tip)
    return active().filter(tag__in=tags).first() if tags else None


def tips_of(row: SenderMark) -> QuerySet[Tip]:
    """All tips of a marked sender, also those that came before the mark."""
    return Tip.objects.filter(Q(sender_tag=row.tag) | Q(contact_tag=row.tag))


def marked(tips: Sequence[Tip]) -> set[int]:
    """Ids of those of these tips whose sender is marked. One query."""
    tags = {tag for tip in tips for tag in _tags(tip)}
    if not tags:
        return set()
    known = {tag for (tag,) in ask(_MARKED, tags)}
    return {tip.pk for tip in tips if known.intersection(_tags(tip))}


def _tags(tip: Tip) -> list[str]:
    return [tag for tag in dict.fromkeys((tip.contact_tag, tip.sender_tag)) if tag]


def _may(user: User) -> None:
    if not allowed(user, "sender.mark"):
        raise NotAllowed(_("You may not mark senders."))
