"""A person reads a message of the outbox: opened from the seal, and recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.post.models import Message

SHOWN_HEADERS = ("From", "To", "Subject", "Message-ID")
TEXT_TYPES = ("application/json", "application/xml")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: its type, its file name or an empty text, and its text (bytes are only counted)."""

    kind: str
    name: str
    text: str
    size: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it leaves: the address, a few headers and its parts in order."""

    address: str
    headers: list[tuple[str, str]]
    parts: list[Part] = field(default_factory=list)


def letter(message: Message, user: User) -> Letter:
    """The message opened for `user`; the reading is recorded."""
    with write():
        record(user.actor, "post.read", f"message:{message.pk}")
    mail = message_from_bytes(sealing.open_bytes(message.content_sealed), policy=SMTP)
    headers = [(name, str(mail[name])) for name in SHOWN_HEADERS if mail[name]]
    parts = [_part(part) for part in mail.walk() if not part.is_multipart()]
    return Letter(sealing.unseal(message.address_sealed), headers, parts)


def _part(part: EmailMessage) -> Part:
    kind, name = part.get_content_type(), part.get_filename() or ""
    data = part.get_payload(decode=True) or b""
    raw = data if isinstance(data, bytes) else b""
    readable = part.get_content_maintype() == "text" or kind in TEXT_TYPES or kind.endswith("+json")
    return Part(
        kind, name, raw.decode(part.get_content_charset() or "utf-8", "replace") if readable else "", len(raw)
    )
