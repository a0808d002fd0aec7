"""The selected headers of a mail: who, when, and whether it may be answered (RFC 3834). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime

from tocsin.tips.mail.words import decoded, header_text

_LIST = (
    "List-Id",
    "List-Post",
    "List-Unsubscribe",
    "List-Subscribe",
    "List-Owner",
    "List-Help",
    "List-Archive",
)
FIELDS = (
    "From", "Subject", "Date", "Message-ID", "Return-Path", "Content-Type", "Auto-Submitted", "Precedence",
    "Authentication-Results", "X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", *_LIST,
)  # fmt: skip
_ADDRESS = re.compile(r"[!-;=?A-~]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?", re.ASCII)
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>", re.ASCII)
# Mailboxes behind which a machine sits
_MACHINE = re.compile(
    r"mailer-daemon|postmaster|mail-?daemon|(?:no|do-?not|dont)[-_.]?reply|bounces?|auto-?reply|owner-.+|.+-(?:request|bounces?|owner)",
    re.IGNORECASE,
)
_BOUNCES = {"delivery-status", "disposition-notification"}


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of one mail say. Every text is empty where the header is missing or broken."""

    sender: str = ""  # the address of From
    subject: str = ""
    message_id: str = ""  # with its angle brackets
    written_at: datetime | None = None
    content_type: str = ""
    return_path: str | None = None  # None: no such header; empty: a bounce
    machine: bool = False  # a header says that no person wrote this, or that no answer is wanted
    reply: bool = False  # an automatic answer, perhaps to ours
    forged: bool = False  # our own mail server says that it fails DMARC

    def answerable(self, own: Collection[str]) -> bool:
        """Whether an automatic answer may be sent (RFC 3834, section 2). `own`: the hotline's addresses."""
        if not self.sender or self.machine or self.forged or self.return_path == "":
            return False
        if self.sender.lower() in {address.lower() for address in own}:
            return False
        return not any(
            _MACHINE.fullmatch(_local(address)) for address in (self.sender, self.return_path or "")
        )

    def bounce(self, report: str) -> bool:
        """Whether this is a bounce, a read receipt or an automatic answer: nothing that anybody told us."""
        returned = self.return_path == "" and _MACHINE.fullmatch(_local(self.sender)) is not None
        return self.reply or report in _BOUNCES or returned


def read(block: bytes, authserv: str = "") -> Head:
    """Read a block of headers. `authserv`: the only server whose Authentication-Results are believed."""
    mail = BytesHeaderParser(policy=compat32).parsebytes(block.replace(b"\x00", b""))
    submitted = _first(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    return Head(
        sender=_address(_first(mail, "From")),
        subject=header_text(_first(mail, "Subject"))[:1000],
        message_id=(_MESSAGE_ID.findall(_first(mail, "Message-ID")) or [""])[0],
        written_at=_time(_first(mail, "Date")),
        content_type=_first(mail, "Content-Type"),
        return_path=_return_path(mail),
        machine=submitted not in ("", "no") or _says_machine(mail),
        reply=submitted.startswith("auto-replied"),
        forged=bool(authserv) and _fails_dmarc(mail, authserv),
    )


def _says_machine(mail: Message) -> bool:
    if _first(mail, "Precedence").strip().lower() in ("bulk", "list", "junk", "auto_reply"):
        return True
    if any(name in mail for name in (*_LIST, "X-Autoreply", "X-Autorespond")):
        return True
    suppressed = {word.strip().lower() for word in _first(mail, "X-Auto-Response-Suppress").split(",")}
    return bool(suppressed & {"all", "autoreply", "oof"})


def _fails_dmarc(mail: Message, authserv: str) -> bool:
    """RFC 8601: only results of our own server count; anybody can write the header of another."""
    for value in mail.get_all("Authentication-Results") or ():
        said = re.sub(r"\([^()]{0,500}\)", " ", str(value))
        server, _semicolon, results = said.partition(";")
        name = (server.split() or [""])[0]
        if name.lower() == authserv.lower() and re.search(r"\bdmarc\s*=\s*fail\b", results, re.IGNORECASE):
            return True
    return False


def _first(mail: Message, name: str) -> str:
    """The header's text; bytes beyond ASCII are read as the text they probably are."""
    raw = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    return decoded(str(raw).encode("ascii", "surrogateescape"), "")


def _return_path(mail: Message) -> str | None:
    if "Return-Path" not in mail:
        return None
    return _address(_first(mail, "Return-Path"))


def _address(value: str) -> str:
    """The first address of a header, or nothing where it is not one that a mail can be sent to."""
    try:
        found = parseaddr(value.replace("\r", " ").replace("\n", " "))[1]
    except RecursionError:  # comments in comments in comments
        return ""
    return found if len(found) <= 254 and _ADDRESS.fullmatch(found) else ""


def _local(address: str) -> str:
    return address.rpartition("@")[0]


def _time(value: str) -> datetime | None:
    """The Date header in UTC. Impossible dates are none; odd ones are kept (`accept` marks them)."""
    try:
        said = parsedate_to_datetime(value)
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
