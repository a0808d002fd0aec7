"""Take tips in: seal them, answer with a receipt, and never store one sending twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db import IntegrityError
from django.utils import timezone

from tocsin.audit.models import AuditRow
from tocsin.audit.record import audit_rows
from tocsin.lib import mailbox, receipts, sealing, signing
from tocsin.lib.rows import insert, insert_new, insert_together, new
from tocsin.lib.together import Together
from tocsin.lib.writing import write
from tocsin.tips import bodies, copies, menus, pictures
from tocsin.tips.models import ReporterCopy, Tip
from tocsin.tips.text import encodable, is_blank

MAX_BYTES = 65_536  # of the text, in UTF-8, after NUL characters were taken out
_LOOKUP = 500  # tags asked for at once: SQLite's variables are limited
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before it, a time is a clock that was never set
_AHEAD = timedelta(days=1)  # clocks of other zones may run so far ahead


@dataclass(frozen=True, slots=True)
class Incoming:
    """One tip as it came, by whichever door. Codes that the menus do not know count as not answered.

    `box` is the receipt of a mailbox that the sender presents: the tip is added to it. With `quiet` nobody was
    given the receipt (imports), so no reporter's copy is made until somebody is.
    """

    text: str
    source: str = "web"  # web, share, phone, letter, api, email, chat, import, campaign, process
    token: str | None = None  # the form's one-time token; without one every call is a tip of its own
    contact: str = ""
    where: str = ""
    what: str = ""
    danger: str = ""  # yes, unsure, no
    about: str = ""  # me, known, no
    place: str = ""  # ISO 3166-1 alpha-2
    city: str = ""
    sender: str = ""  # who wrote it in the chat or mail that was imported
    language: str = ""
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    box: str = ""
    quiet: bool = False
    campaign_id: int | None = None
    client_id: int | None = None
    taken_by_id: int | None = None  # the person of the hotline or campaigner who passed it on
    network: int | None = None  # this hour's random number of the sender's network

    def said(self) -> tuple[str, ...]:
        """All that the sender chose: two sendings with the same answers are one."""
        chosen = (
            self.text, self.source, self.contact, self.where, self.what, self.danger, self.about, self.place,
            self.city, self.sender, self.language,
        )  # fmt: skip
        # only where they were said: a form that was open during an update of the software stays one
        later = (
            self.occurred_at and self.occurred_at.isoformat(),
            self.campaign_id and str(self.campaign_id),
        )
        return (*chosen, *(word for word in later if word))


@dataclass(frozen=True, slots=True)
class Accepted:
    """For one tip: `new` is False for a retry, `same` is False where the retry says something else."""

    receipt: str
    public_id: str
    new: bool
    same: bool = True


class Draft(NamedTuple):
    """A tip about to be stored: its receipt, its row, the text where it shares a body, and whether it is quiet."""

    receipt: str
    tip: Tip
    text: str
    quiet: bool


class Refused(ValueError):
    """A tip that is not stored: `reason` is `blank` or `too_long`, `size` its bytes, `index` its place."""

    def __init__(self, reason: str, index: int, size: int) -> None:
        self.reason, self.index, self.size = reason, index, size
        super().__init__(f"tip {index}: {reason}, {size:,} bytes of at most {MAX_BYTES:,}")


def cleaned(text: str) -> str:
    """As stored: as it was sent, without NUL characters and without pictures written as text."""
    return pictures.without(text.replace("\x00", ""))[0]


def size_of(text: str) -> int:
    """Bytes in UTF-8; a lone surrogate counts three."""
    return len(text.encode("utf-8", "surrogatepass"))


def accept(items: Sequence[Incoming], actor: str = "door", *, storm: bool = False) -> list[Accepted]:
    """Store the tips in one transaction; what was answered with a receipt is on disk.

    In a `storm` equal texts share one sealed body: each tip keeps its own row, receipt, time and mailbox.

    The token decides the receipt and the receipt the mailbox, so a second sending of the same form finds the
    first tip, also when both arrive at once. Raises `Refused` for a blank or too long text: then nothing of
    the batch is stored.
    """
    drafts = drafted(items, storm=storm)
    return stored(drafts, actor)


def drafted(
    items: Sequence[Incoming], *, storm: bool = False, senders: dict[str, bytes | None] | None = None
) -> list[Draft]:
    """The receipts and sealed rows of tips, not yet stored. Raises `Refused` as `accept` does.

    `senders` keeps what was sealed of senders, for a caller with several batches: a sender of many messages is
    sealed once, as the tag says anyhow that they are of one.
    """
    now = timezone.now()
    texts = [checked(item.text, index) for index, item in enumerate(items)]
    senders = {} if senders is None else senders
    return [_draft(item, text, now, storm, senders) for item, text in zip(items, texts, strict=True)]


def accept_one(item: Incoming, *, storm: bool = False) -> Accepted:
    """`accept` for one tip of the door: stored in one transaction with those that arrive at the same moment."""
    (draft,) = drafted([item], storm=storm)
    return _door.submit(draft)


def stored(drafts: Sequence[Draft], actor: str) -> list[Accepted]:
    """Write drafts in one transaction: rows, reporters' copies and audit."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        first.setdefault(draft.tip.mailbox_tag, draft)
    told = {tag: copies.row(draft.tip) for tag, draft in first.items() if not draft.quiet}
    try:
        fresh = _all_new(first, told, actor)
        there = dict[str, tuple[str, str]]()
    except (
        IntegrityError
    ):  # some are stored already: a retry, or the same sending in another process right now
        fresh, there = _new_ones(first, told, actor)
    there |= {tag: (draft.tip.public_id, draft.tip.sent_tag) for tag, draft in first.items() if tag in fresh}
    return _answers(drafts, there, fresh)


def _all_new(first: dict[str, Draft], told: dict[str, ReporterCopy], actor: str) -> set[str]:
    """Store them all, in one journey to the database. Raises IntegrityError, with nothing stored, where one is known."""
    with write():
        bodies.attach(list(first.values()))
        tips = [draft.tip for draft in first.values()]
        insert_together(tips, list(told.values()), _audited(first.values(), actor))
    return set(first)


def _new_ones(
    first: dict[str, Draft], told: dict[str, ReporterCopy], actor: str
) -> tuple[set[str], dict[str, tuple[str, str]]]:
    """Store those that are new; their tags, and what is known of the others."""
    with write():
        bodies.attach(list(first.values()))
        fresh = insert_new([draft.tip for draft in first.values()], "mailbox_tag")
        insert([told[tag] for tag in first if tag in fresh and tag in told])
        insert(_audited((draft for tag, draft in first.items() if tag in fresh), actor))
        return fresh, _stored(tag for tag in first if tag not in fresh)


def _audited(drafts: Iterable[Draft], actor: str) -> list[AuditRow]:
    rows = ((f"tip:{draft.tip.public_id}", {"source": draft.tip.source}) for draft in drafts)
    return audit_rows((actor, "tip.received", *row) for row in rows)


_door: Together[Draft, Accepted] = Together(lambda drafts: stored(drafts, "door"))


def already(item: Incoming) -> Accepted | None:
    """The answer for a sending that is stored already, word for word; None where there is none."""
    receipt = receipts.from_token(item.token or "")
    row = _stored([mailbox.tag(receipt)]).get(mailbox.tag(receipt))
    return Accepted(receipt, row[0], new=False) if row and row[1] == _sent_tag(receipt, item) else None


def tokens_known(tokens: Sequence[str]) -> set[str]:
    """Those of the tokens that have a tip: a long import need not seal them again to find out."""
    tags = {mailbox.tag(receipts.from_token(token)): token for token in tokens}
    return {tags[tag] for tag in _stored(tags)}


def check(item: Incoming, index: int = 0) -> None:
    """Raise `Refused` for a tip that cannot be stored."""
    checked(item.text, index)


def checked(text: str, index: int = 0) -> tuple[str, int]:
    """The text as it is stored, and how many pictures were cut out of it. Raises `Refused` as `check` does."""
    text, cut = pictures.without(text.replace("\x00", ""))
    if is_blank(text):
        raise Refused("blank", index, size_of(text))
    if size_of(text) > MAX_BYTES:
        raise Refused("too_long", index, size_of(text))
    return text, cut


def _draft(
    item: Incoming, checked: tuple[str, int], now: datetime, storm: bool, senders: dict[str, bytes | None]
) -> Draft:
    """The receipt and the sealed row. Contact and sender get their look-up tags from the worker."""
    receipt = receipts.from_token(item.token or signing.form_token())
    text, cut = checked
    box = item.box or receipt
    tag = mailbox.tag(receipt)
    if item.sender not in senders:
        senders[item.sender] = _sealed(item.sender)
    tip = new(
        Tip,
        source=_plain(item.source, 20),
        mailbox_tag=tag,
        mailbox_key=_nobodys_key() if item.quiet else mailbox.public_key(box),
        box_tag=mailbox.tag(box) if item.box else tag,
        sent_tag=_sent_tag(receipt, item),
        text_tag=bodies.text_tag(text),
        narrative_sealed=None if storm else sealing.seal(text),
        pictures_cut=cut,
        contact_sealed=_sealed(item.contact),
        sender_sealed=senders[item.sender],
        city_sealed=_sealed(item.city),
        where=menus.known("where", item.where),
        what=menus.known("what", item.what),
        danger=item.danger if item.danger in menus.DANGER else "",
        about=item.about if item.about in menus.ABOUT else "",
        place=_place(item.place),
        language=_plain(item.language, 10),
        campaign_id=item.campaign_id,
        client_id=item.client_id,
        taken_by_id=item.taken_by_id,
        network=item.network,
        occurred_at=item.occurred_at,
        time_doubtful=item.occurred_at is not None and not _EARLIEST < item.occurred_at < now + _AHEAD,
        received_at=item.received_at or now,
        recorded_at=now,
    )
    return Draft(receipt, tip, text if storm else "", item.quiet)


@lru_cache(maxsize=1)
def _nobodys_key() -> bytes:
    """Of a quiet tip, whose receipt nobody was given: a key that nobody holds, until a link gives the mailbox away."""
    return mailbox.public_key(mailbox.new_token())


def _sealed(text: str) -> bytes | None:
    text = cleaned(text).strip() if text else ""
    return sealing.seal(text) if text else None


def _plain(code: str, most: int) -> str:
    """A code for a readable column, which takes neither NUL characters nor lone surrogates."""
    return code[:most] if code.isascii() and code.isalnum() else encodable(cleaned(code))[:most]


def _place(code: str) -> str:
    code = code.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _sent_tag(receipt: str, item: Incoming) -> str:
    """Tells a retry from a changed text. Keyed with the receipt, which the database does not hold."""
    said = repr(item.said())  # repr: lone surrogates are escaped, and fields cannot run together
    return hashlib.blake2b(
        said.encode(), key=receipt.encode(), digest_size=16, person=b"tocsin-sent"
    ).hexdigest()


def _stored(tags: Iterable[str]) -> dict[str, tuple[str, str]]:
    """tag -> (public id, sent tag) of the tips that are there."""
    asked, found = list(tags), dict[str, tuple[str, str]]()
    for start in range(0, len(asked), _LOOKUP):
        rows = Tip.objects.filter(mailbox_tag__in=asked[start : start + _LOOKUP])
        found |= {
            tag: (name, sent) for tag, name, sent in rows.values_list("mailbox_tag", "public_id", "sent_tag")
        }
    return found


def _answers(drafts: Sequence[Draft], there: dict[str, tuple[str, str]], new: set[str]) -> list[Accepted]:
    answers = []
    for draft in drafts:
        tip = draft.tip
        name, sent = there[tip.mailbox_tag]
        answers.append(Accepted(draft.receipt, name, tip.mailbox_tag in new, sent == tip.sent_tag))
        new.discard(tip.mailbox_tag)  # the same token twice in one batch: the second one is a retry
    return answers
