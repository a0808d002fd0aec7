"""A one-time link gives a mailbox away: the first who opens it gets a receipt, everybody after that nothing.

The door only writes that the link was used and for which new receipt; the worker moves the mailbox to it. Until
then the campaigner could not read it either: the receipt that the tip was stored with was shown to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from tocsin.audit.record import record
from tocsin.lib import mailbox, receipts, sealing, steps
from tocsin.lib.rows import insert_new, new
from tocsin.lib.writing import write
from tocsin.tips.models import Claim, HandOver, Message, ReporterCopy, Tip

CLAIMS = "tips.claims"


def claim(link_token: str, form_token: str) -> str | None:
    """The new receipt of the mailbox; None if the link is not ours or was used by somebody else.

    The same form sent twice gets the same receipt.
    """
    tag, receipt = mailbox.tag(link_token), receipts.from_token(form_token)
    if not HandOver.objects.filter(tag=tag).values_list("tag", flat=True).exists():
        return None
    row = new(
        Claim,
        hand_over_tag=tag,
        box_tag=mailbox.tag(receipt),
        mailbox_key=mailbox.public_key(receipt),
        at=timezone.now(),
    )
    with write():
        if insert_new([row], "hand_over_tag"):
            record("door", "tip.claimed", "tip:by-link")
            return receipt
    mine = Claim.objects.filter(hand_over_tag=tag, box_tag=row.box_tag).values_list(
        "hand_over_tag", flat=True
    )
    return receipt if mine.exists() else None


def claims(limit: int) -> int:
    """The worker's step: move claimed mailboxes to their new receipts."""
    waiting = Claim.objects.filter(applied_at__isnull=True)
    return steps.work(CLAIMS, steps.pending(CLAIMS, waiting, limit), _apply)


def _apply(rows: Sequence[Claim]) -> None:
    with write():
        locked = Claim.objects.select_for_update().filter(pk__in=[row.pk for row in rows], applied_at=None)
        for row in locked.order_by("pk"):
            found = HandOver.objects.filter(tag=row.hand_over_tag).select_related("tip").first()
            if found is not None:
                _move(found.tip, row)
            Claim.objects.filter(pk=row.pk).update(applied_at=timezone.now())


def _move(tip: Tip, row: Claim) -> None:
    """The tip's mailbox and its messages now belong to the new receipt."""
    old = tip.box_tag
    Tip.objects.filter(pk=tip.pk).update(box_tag=row.box_tag, mailbox_key=row.mailbox_key, copy_due=True)
    if not Tip.objects.filter(box_tag=old).exists():
        for message in Message.objects.filter(box_tag=old):
            message.box_tag = row.box_tag
            message.copy_sealed = mailbox.seal_copy(row.mailbox_key, {"text": sealing.unseal(message.sealed)})
            message.save(update_fields=["box_tag", "copy_sealed"])
    ReporterCopy.objects.filter(tag=tip.mailbox_tag).delete()
    record("worker", "tip.mailbox_moved", f"tip:{tip.public_id}")
