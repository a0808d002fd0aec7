""" "I was reported", "my service was reported": sealed, with a mailbox, and joined to nothing.

The answer of the door is always the same: it says nothing about what is known. Who handles one confirms that he or
she had no part in what it may be about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import allowed
from tocsin.audit.record import record
from tocsin.lib import mailbox, receipts, sealing
from tocsin.lib.rows import insert, insert_new, new
from tocsin.lib.writing import write
from tocsin.tips import copies, messages
from tocsin.tips.accept import MAX_BYTES, cleaned, size_of
from tocsin.tips.messages import Box
from tocsin.tips.models import Message, Objection, ObjectionState, ReporterCopy
from tocsin.tips.text import is_blank

MAX_CONTACT = 1000  # characters
MEANWHILE = (ObjectionState.ANSWERED, ObjectionState.CLOSED)


@dataclass(frozen=True, slots=True)
class Filed:
    """`same` is False where the same form came with other words: the first version is kept, the second not."""

    receipt: str
    new: bool
    same: bool = True


class Refused(ValueError):
    """An objection that is not stored: `reason` is `blank`, `too_long` or `contact`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


# --- the door ------------------------------------------------------------------------------------------------


def file(text: str, contact: str, token: str) -> Filed:
    """Store an objection and its reporter's copy; the same form token gives the same receipt. Only INSERTs."""
    text, contact = cleaned(text), cleaned(contact).strip()
    check(text, contact)
    receipt = receipts.from_token(f"objection {token}")  # never the receipt that the tip form would give
    row = new(
        Objection,
        box_tag=mailbox.tag(receipt),
        mailbox_key=mailbox.public_key(receipt),
        sent_tag=_sent_tag(receipt, text, contact),
        text_sealed=sealing.seal(text),
        contact_sealed=sealing.seal(contact) if contact else None,
        received_at=timezone.now(),
    )
    with write():
        if insert_new([row], "box_tag"):
            insert([copies.row_of_objection(row)])
            record("door", "objection.received", f"objection:{row.public_id}")
            return Filed(receipt, new=True)
    stored = Objection.objects.filter(box_tag=row.box_tag).values_list("sent_tag", flat=True).first()
    return Filed(receipt, new=False, same=stored == row.sent_tag)


def check(text: str, contact: str) -> None:
    """Raise `Refused` for what would not be stored."""
    if is_blank(text):
        raise Refused("blank")
    if size_of(text) > MAX_BYTES:
        raise Refused("too_long")
    if len(contact) > MAX_CONTACT:
        raise Refused("contact")


def _sent_tag(receipt: str, text: str, contact: str) -> str:
    said = repr((text, contact))
    return hashlib.blake2b(
        said.encode(), key=receipt.encode(), digest_size=16, person=b"tocsin-objects"
    ).hexdigest()


# --- the worker ----------------------------------------------------------------------------------------------


def spoken_to(box_tag: str) -> None:
    """Somebody wrote in this mailbox: an objection that was answered or closed is open again. In a transaction."""
    row = Objection.objects.select_for_update().filter(box_tag=box_tag, state__in=MEANWHILE).first()
    if row is not None:
        _move(row, ObjectionState.OPENED, "worker")


# --- the console ---------------------------------------------------------------------------------------------


def listed(user: User) -> QuerySet[Objection]:
    """Objections for whoever handles them, what waits first; each with `unread`. Texts stay sealed."""
    if not allowed(user, "objection.handle"):
        return Objection.objects.none()
    unread = Message.objects.filter(box_tag=OuterRef("box_tag"), outward=False, read_at__isnull=True)
    rows = Objection.objects.select_related("handled_by").annotate(unread=Exists(unread))
    return rows.order_by("-unread", "received_at", "pk")


def take(objection: Objection, user: User, not_involved: bool) -> Objection:
    """Begin to handle one, or take it over. Raises `NotAllowed` unless the person says that he or she had no part."""
    if not allowed(user, "objection.handle"):
        raise NotAllowed(_("You may not handle objections."))
    if not not_involved:
        raise NotAllowed(
            _("An objection goes to somebody who was not involved: confirm it, or leave it to others.")
        )
    with write():
        row = Objection.objects.select_for_update().get(pk=objection.pk)
        row.handled_by = user
        row.save(update_fields=["handled_by"])
        record(user.actor, "objection.taken", row_name(row), not_involved=True)
        if row.state == ObjectionState.RECEIVED:
            _move(row, ObjectionState.OPENED, user.actor)
    return row


def text_of(objection: Objection, user: User) -> tuple[str, str]:
    """What was written, and how to reach the sender. The reading is recorded; only who took it may read it."""
    _mine(objection, user)
    with write():
        record(user.actor, "objection.read", row_name(objection))
    return sealing.unseal(objection.text_sealed), sealing.unseal(objection.contact_sealed)


def answer(objection: Objection, text: str, user: User, token: str = "") -> None:
    """Write to whoever objected. Raises `NotAllowed` with a sentence."""
    _mine(objection, user)
    with write():
        messages.send([Box(objection.box_tag, bytes(objection.mailbox_key))], text, user, token=token)
        row = Objection.objects.select_for_update().get(pk=objection.pk)
        _move(row, ObjectionState.ANSWERED, user.actor)


def close(objection: Objection, user: User) -> None:
    """Nothing is left to do; a new message opens it again."""
    _mine(objection, user)
    with write():
        row = Objection.objects.select_for_update().get(pk=objection.pk)
        _move(row, ObjectionState.CLOSED, user.actor)


def row_name(objection: Objection) -> str:
    """How the audit names it."""
    return f"objection:{objection.public_id}"


def _mine(objection: Objection, user: User) -> None:
    if objection.handled_by_id != user.pk or not allowed(user, "objection.handle"):
        raise NotAllowed(_("Only the person who took this objection may do that."))


def _move(row: Objection, state: ObjectionState, actor: str) -> None:
    """The new state, the sender's copy of it, and the audit; nothing where it is the same."""
    if row.state == state:
        return
    row.state = state
    row.save(update_fields=["state"])
    _tell([row])
    record(actor, f"objection.{state.value}", row_name(row))


def _tell(rows: Iterable[Objection]) -> None:
    ReporterCopy.objects.bulk_create(
        [copies.row_of_objection(row) for row in rows],
        update_conflicts=True,
        unique_fields=["tag"],
        update_fields=["sealed", "updated_at"],
    )
