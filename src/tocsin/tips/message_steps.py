"""The worker's step for mailboxes: apply what reporters wrote, and tell a left address that a message is there."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from tocsin.audit.record import record_many
from tocsin.lib import steps
from tocsin.lib.ask import ask
from tocsin.lib.writing import write
from tocsin.tips import announcing, objections
from tocsin.tips.messages import NO, YES
from tocsin.tips.models import Consent, Message, Tip

APPLY, ANNOUNCE = "tips.messages", "tips.announce"
# spelt as in the two partial indexes of Message
_ANY = """SELECT EXISTS(SELECT 1 FROM tips_message WHERE applied_at IS NULL AND NOT outward),
    EXISTS(SELECT 1 FROM tips_message WHERE announced_at IS NULL AND outward)"""
_CONSENT = {YES: Consent.YES, NO: Consent.NO}


def messages(limit: int) -> int:
    """Apply at most `limit` inward messages and announce at most `limit` outward ones; how many were done."""
    if not any(ask(_ANY)[0]):
        return 0
    inward = Message.objects.filter(outward=False, applied_at__isnull=True)
    done = steps.work(APPLY, steps.pending(APPLY, inward, limit), _apply)
    outward = Message.objects.filter(outward=True, announced_at__isnull=True)
    return done + steps.work(ANNOUNCE, steps.pending(ANNOUNCE, outward, limit), _announce)


def _apply(rows: Sequence[Message]) -> None:
    with write():
        for message in _locked(rows, applied_at__isnull=True):
            _note(message)
            objections.spoken_to(message.box_tag)
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(applied_at=timezone.now())


def _note(message: Message) -> None:
    """That the reporter wrote, and what was said about the contact: the latest word counts."""
    tips = Tip.objects.filter(box_tag=message.box_tag)
    newer = tips.exclude(wrote_at__gt=message.at)
    names = list(tips.order_by("pk").values_list("public_id", flat=True))
    newer.update(wrote_at=message.at)
    record_many(("worker", "tip.wrote", f"tip:{name}", {}) for name in names)
    if answer := _CONSENT.get(message.kind):
        asked = tips.filter(contact_sealed__isnull=False).exclude(contact_consent="")
        asked = asked.exclude(contact_consent__in=_CONSENT.values(), consent_at__gt=message.at)
        changed = list(asked.order_by("pk").values_list("pk", "public_id"))
        Tip.objects.filter(pk__in=[pk for pk, _name in changed]).update(
            contact_consent=answer, consent_at=message.at
        )
        record_many(
            ("worker", "tip.consent", f"tip:{name}", {"consent": answer.value}) for _pk, name in changed
        )


def _announce(rows: Sequence[Message]) -> None:
    letters = announcing.letters(rows)  # opens contacts: outside the transaction
    with write():
        for message in _locked(rows, announced_at__isnull=True):
            if letter := letters.get(message.pk):
                announcing.queue(message, letter)
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(announced_at=timezone.now())


def _locked(rows: Sequence[Message], **still: bool) -> list[Message]:
    """Those that are still to do, locked until the transaction ends."""
    ids = [row.pk for row in rows]
    return list(Message.objects.select_for_update().filter(pk__in=ids, **still).order_by("pk"))
