"""Messages between a reporter and the hotline: each is sealed twice, to the hotline and to the receipt's key.

The door inserts what the reporter writes and opens the reporter's copies while the receipt is presented. What a
message changes is applied by the worker (`tips/message_steps.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Exists, Min, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record, record_many
from tocsin.lib import mailbox, sealing
from tocsin.lib.rows import insert, insert_new, new
from tocsin.lib.sealing import SealBroken
from tocsin.lib.writing import write
from tocsin.tips import silence
from tocsin.tips.accept import cleaned
from tocsin.tips.models import Consent, Message, ReporterCopy, Tip
from tocsin.tips.text import is_blank

TEXT, ASK, YES, NO = "text", "consent_ask", "consent_yes", "consent_no"
SHOWN = 50  # messages of a mailbox that are opened at once, the newest
MAX_CHARACTERS = 8000  # of one message
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One message, opened. `text` is empty for a bare question or answer about consent."""

    public_id: str
    outward: bool
    kind: str
    text: str
    at: datetime
    author: str = ""  # console only
    read_at: datetime | None = None  # console only


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest messages of a mailbox, oldest first; `older` says that there are more."""

    lines: list[Line]
    older: bool


# --- the reporter's side: in the door ------------------------------------------------------------------------


def of_box(receipt: str, skip: int = 0) -> Thread:
    """The messages of this receipt's mailbox, from the `skip`-th newest on.

    One query and at least one attempt at opening, whether the mailbox exists or not; at most `SHOWN` attempts.
    """
    rows = Message.objects.filter(box_tag=mailbox.tag(receipt)).order_by("-at", "-pk")
    rows_read = list(
        rows.values_list("public_id", "outward", "kind", "copy_sealed", "at")[skip : skip + SHOWN + 1]
    )
    found = rows_read or [("", False, TEXT, _nobodys(), timezone.now())]
    lines = [
        Line(public_id, outward, kind, text, at)
        for public_id, outward, kind, sealed, at in found[:SHOWN]
        if (text := _opened(receipt, sealed)) is not None
    ]
    return Thread(lines[::-1], len(found) > SHOWN)


def last_about_consent(receipt: str) -> str:
    """The kind of the last message about consent in this mailbox: asked, yes, no, or an empty text. One query."""
    rows = Message.objects.filter(box_tag=mailbox.tag(receipt)).exclude(kind=TEXT).order_by("-at", "-pk")
    return rows.values_list("kind", flat=True).first() or ""


def write_in(receipt: str, token: str, kind: str, text: str) -> str:
    """Store what the reporter writes; `new`, `again` (a retry) or `changed` (same form, other words: not stored).

    The caller has checked that the mailbox exists, and the form's token. Raises `ValueError` for a blank or too
    long text. Door: one INSERT and its audit row, nothing is changed.
    """
    text = cleaned(text) if kind == TEXT else ""
    if kind == TEXT and (is_blank(text) or len(text) > MAX_CHARACTERS):
        raise ValueError("blank" if is_blank(text) else "too_long")
    tag = _sent_tag(receipt, token)
    message = new(
        Message,
        box_tag=mailbox.tag(receipt),
        outward=False,
        kind=kind,
        sealed=sealing.seal(text),
        copy_sealed=mailbox.seal_copy(mailbox.public_key(receipt), {"text": text}),
        sent_tag=tag,
        at=timezone.now(),
    )
    with write():
        if insert_new([message], "sent_tag"):
            record("door", "message.received", f"message:{message.public_id}", kind=kind)
            return "new"
    stored = Message.objects.filter(sent_tag=tag).values_list("kind", "copy_sealed").first()
    same = stored is not None and stored[0] == kind and _opened(receipt, stored[1]) == text
    return "again" if same else "changed"


def _opened(receipt: str, sealed: bytes | memoryview) -> str | None:
    try:
        value = mailbox.open_copy(receipt, sealed)
    except SealBroken:
        return None
    return str(value.get("text", "")) if isinstance(value, dict) else None


def _sent_tag(receipt: str, token: str) -> str:
    """Tells a retry of the same form. Keyed with the receipt, which the database does not hold."""
    return hashlib.blake2b(
        token.encode("utf-8", "surrogatepass"),
        key=receipt.encode()[:64],
        digest_size=16,
        person=b"tocsin-message",
    ).hexdigest()


@lru_cache(maxsize=1)
def _nobodys() -> bytes:
    return mailbox.seal_copy(mailbox.public_key(mailbox.new_token()), {"text": ""})


# --- the hotline's side --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox to write to: its tag and the public half of its receipt's key."""

    tag: str
    key: bytes

    @classmethod
    def of(cls, tip: Tip) -> Box:
        """The mailbox in which this tip is read."""
        return cls(tip.box_tag or tip.mailbox_tag, bytes(tip.mailbox_key))


def reachable(boxes: Iterable[Box]) -> list[Box]:
    """Each mailbox once, without those whose receipt nobody was ever given (imports)."""
    by_tag = {box.tag: box for box in boxes}
    tags, there = list(by_tag), set[str]()
    for start in range(0, len(tags), _AT_ONCE):
        rows = ReporterCopy.objects.filter(box_tag__in=tags[start : start + _AT_ONCE])
        there.update(rows.values_list("box_tag", flat=True))
    return [box for tag, box in by_tag.items() if tag in there]


def send(boxes: Iterable[Box], text: str, user: User, kind: str = TEXT, token: str = "") -> int:
    """Write the same message to each of these mailboxes; how many were written to.

    The same form `token` writes to a mailbox once. Raises `NotAllowed` with a sentence: a blank or too long text,
    nobody to reach, or silence asked for by police about any of the mailboxes.
    """
    return send_each([(box, text) for box in boxes], user, kind, token)


def send_each(messages: Iterable[tuple[Box, str]], user: User, kind: str = TEXT, token: str = "") -> int:
    """`send` with a text of its own for each mailbox (the reporter's language)."""
    texts = {box: cleaned(text).strip() for box, text in messages}
    for text in texts.values():
        _check(text, kind)
    boxes = reachable(texts)
    if not boxes:
        raise NotAllowed(_("Nobody holds a receipt of this: there is nobody to write to."))
    with write():  # asked inside: a hold that is set at this very moment wins
        if silence.bound(box.tag for box in boxes):
            raise NotAllowed(
                _("Police asked for silence: reporters are told nothing before the hold is lifted.")
            )
        rows = [_outward(box, texts[box], user, kind, token) for box in boxes]
        known = _known([row.sent_tag for row in rows if row.sent_tag])
        rows = [row for row in rows if row.sent_tag is None or row.sent_tag not in known]
        insert(rows)
        record_many(
            (user.actor, "message.sent", f"message:{row.public_id}", {"kind": row.kind}) for row in rows
        )
    return len(rows)


def _check(text: str, kind: str) -> None:
    if kind == TEXT and is_blank(text):
        raise NotAllowed(_("Write a few words."))
    if len(text) > MAX_CHARACTERS:
        raise NotAllowed(
            _("This is too long for one message: %(most)d characters.") % {"most": MAX_CHARACTERS}
        )


def _outward(box: Box, text: str, user: User, kind: str, token: str) -> Message:
    return new(
        Message,
        box_tag=box.tag,
        outward=True,
        kind=kind,
        sealed=sealing.seal(text),
        copy_sealed=mailbox.seal_copy(box.key, {"text": text}),
        sent_tag=_sent_tag(box.tag, token) if token else None,
        author_id=user.pk,
        at=timezone.now(),
    )


def _known(tags: Sequence[str]) -> set[str]:
    found = set[str]()
    for start in range(0, len(tags), _AT_ONCE):
        rows = Message.objects.filter(sent_tag__in=tags[start : start + _AT_ONCE])
        found.update(tag for tag in rows.values_list("sent_tag", flat=True) if tag)
    return found


def ask_consent(tips: Iterable[Tip], text: str, user: User, token: str = "") -> int:
    """Ask whether the contact may go to police, where one was left and it was not answered; how many were asked."""
    may = [
        tip for tip in tips if tip.contact_sealed is not None and tip.contact_consent in ("", Consent.ASKED)
    ]
    there = {box.tag for box in reachable(Box.of(tip) for tip in may)}
    asked = [tip for tip in may if Box.of(tip).tag in there]
    if not asked:
        raise NotAllowed(_("No contact was left here, or the question is answered already."))
    with write():
        sent = send([Box.of(tip) for tip in asked], text, user, ASK, token)
        rows = Tip.objects.filter(pk__in=[tip.pk for tip in asked], contact_consent="")
        rows.update(contact_consent=Consent.ASKED, consent_at=timezone.now())
        record_many((user.actor, "tip.consent_asked", f"tip:{tip.public_id}", {}) for tip in asked)
    return sent


def read_box(tag: str, user: User, target: str, skip: int = 0) -> Thread:
    """The messages of a mailbox for a person of the hotline. The reading is recorded on `target`, if there is any.

    Inward messages that nobody read count as read from now on. At most `SHOWN` are opened.
    """
    rows = list(
        Message.objects.filter(box_tag=tag)
        .select_related("author")
        .order_by("-at", "-pk")[skip : skip + SHOWN + 1]
    )
    shown = rows[:SHOWN]
    if shown:
        fresh = [row.pk for row in shown if not row.outward and row.read_at is None]
        with write():
            if fresh:
                Message.objects.filter(pk__in=fresh, read_at__isnull=True).update(read_at=timezone.now())
            record(user.actor, "messages.read", target, messages=len(shown), new=len(fresh))
    return Thread([_line(row) for row in reversed(shown)], len(rows) > SHOWN)


def _line(row: Message) -> Line:
    author = row.author.get_username() if row.author else ""
    text = sealing.unseal(row.sealed)
    return Line(row.public_id, row.outward, row.kind, text, row.at, author, row.read_at)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mailbox with unread answers, by its newest tip: how many, and since when."""

    tip: Tip
    unread: int
    since: datetime


def waiting(most: int = 200) -> list[Waiting]:
    """Mailboxes of tips, in a case or in none, in which somebody waits to be read: the longest wait first."""
    unread = Message.objects.filter(outward=False, read_at__isnull=True).exclude(box_tag="")
    rows = unread.filter(Exists(Tip.objects.filter(box_tag=OuterRef("box_tag"))))
    found = list(rows.values("box_tag").annotate(n=Count("pk"), since=Min("at")).order_by("since")[:most])
    newest = {tip.box_tag: tip for tip in Tip.objects.filter(box_tag__in=[row["box_tag"] for row in found])}
    return [Waiting(newest[row["box_tag"]], row["n"], row["since"]) for row in found]
