"""The exact bytes of a notice or referral: text for people, JSON for machines. Pure: reads no row, writes none.

A notice is `multipart/report; report-type=feedback-report` (RFC 6522, RFC 5965) with the text, the feedback
header part and one XARF document an identifier. A referral is text and one JSON document. Both are written as
if the suspect will read them: only this recipient's items, its own reference, and nothing about other
recipients or about how anything was found. There is no Date header: the outbox adds the time of queueing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from tocsin import __version__
from tocsin.directory.models import Recipient
from tocsin.dispatch import xarf
from tocsin.dispatch.categories import Category
from tocsin.dispatch.models import DispatchKind
from tocsin.dispatch.places import Place
from tocsin.identifiers.catalogue_in_use import in_use, location
from tocsin.identifiers.extract import display
from tocsin.identifiers.kinds import kind_name
from tocsin.identifiers.models import Identifier
from tocsin.lib.inert import inert

POLICY = SMTP.clone(cte_type="7bit", max_line_length=200)
LANGUAGES = {"zh": "zh-hans"}


@dataclass(frozen=True, slots=True)
class Item:
    """One identifier with the public id by which it is answered."""

    public_id: str
    identifier: Identifier


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the text of one dispatch is made of."""

    kind: str
    recipient: Recipient
    reference: str
    language: str
    items: Sequence[Item]
    category: Category
    urgent: bool
    words: str
    link: str
    expires: datetime | None
    when: datetime
    order: str = ""
    place: Place | None = None
    supplement_to: str = ""  # the reference under which this recipient was told before


def language_of(recipient: Recipient) -> str:
    """The first of the recipient's languages that Tocsin writes; English otherwise."""
    ours = dict(settings.CONSOLE_LANGUAGES)  # a notice is written in them; pages have more
    codes = (LANGUAGES.get(code, code) for code in recipient.languages)
    return next((code for code in codes if code in ours), "en")


def platform_title(platform: str) -> str:
    """A platform's name for people; the open web has none."""
    known = in_use().platforms.get(platform)
    return "" if platform in ("web", "email", "phone") else known.title if known else platform


def shown(identifier: Identifier) -> dict[str, str]:
    """An identifier for a page or a text: kind and platform by name, itself inert."""
    return {
        "kind": kind_name(identifier.kind),
        "platform": platform_title(identifier.platform),
        "shown": display(identifier.kind, identifier.platform, identifier.canonical),
    }


def text(draft: Draft) -> str:
    """The part for people, in the recipient's language."""
    with translation.override(draft.language):
        context = {
            "draft": draft,
            "hotline": settings.HOTLINE_NAME,
            "contact": settings.MAIL_FROM,
            "items": [shown(item.identifier) for item in draft.items],
            "words": inert(draft.words.strip()),
            "place": draft.place.name() if draft.place else "",
        }
        written = render_to_string(f"dispatch/mail/{draft.kind}.txt", context)
    lines = "\n".join(line.rstrip() for line in written.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def subject(draft: Draft) -> str:
    """Our reference first; what it is about stays inside."""
    with translation.override(draft.language):
        urgent = _("Urgent: ") if draft.urgent else ""
        what = (
            _("referral to police about the protection of children")
            if draft.kind == DispatchKind.REFERRAL
            else _("notice, please act")
        )
        if draft.supplement_to:
            what += " " + _("(supplement to %(reference)s)") % {"reference": draft.supplement_to}
        return f"[{draft.reference}] {urgent}{what}"


def mime(draft: Draft, address: str) -> bytes:
    """The message as it is approved and sent. The same draft gives the same bytes."""
    message = EmailMessage(policy=POLICY)
    mark = hashlib.blake2b(f"{draft.reference}\x00{draft.link}".encode(), digest_size=10).hexdigest()
    message["Message-ID"] = f"<{draft.reference.lower()}.{mark[:8]}@{settings.MAIL_DOMAIN}>"
    message["From"] = Address(settings.HOTLINE_NAME, addr_spec=settings.MAIL_FROM)
    message["To"] = Address(draft.recipient.name, addr_spec=address)
    message["Subject"] = subject(draft)
    message["X-Tocsin-Reference"] = draft.reference
    message.set_content(text(draft))
    parts = _notice_parts(draft) if draft.kind == DispatchKind.NOTICE else [_referral_part(draft)]
    for part in parts:
        _attach(message, part)
    if draft.kind == DispatchKind.NOTICE:
        message.replace_header("Content-Type", "multipart/report; report-type=feedback-report")
    message["Content-Language"] = draft.language  # after the content, which drops every Content header
    message.set_boundary(f"tocsin-{draft.reference}-{mark[8:]}")
    return message.as_bytes()


def _attach(message: EmailMessage, part: EmailMessage) -> None:
    if not message.is_multipart():
        message.make_mixed()
    message.attach(part)


def _notice_parts(draft: Draft) -> list[EmailMessage]:
    header = EmailMessage(policy=POLICY)
    header["Content-Type"] = "message/feedback-report"
    header.set_payload(f"Feedback-Type: xarf\r\nUser-Agent: Tocsin/{__version__}\r\nVersion: 1\r\n")
    documents = [
        xarf.document(item.identifier, item.public_id, draft.reference, draft.category, draft.when)
        for item in draft.items
    ]
    names = ["xarf.json"] if len(documents) == 1 else [f"xarf-{n}.json" for n in range(1, len(documents) + 1)]
    return [header, *(_json_part(document, name) for document, name in zip(documents, names, strict=True))]


def referral_document(draft: Draft) -> dict[str, Any]:
    """The referral for machines (schema `tocsin.referral`, version 1)."""
    return {
        "schema": "tocsin.referral",
        "version": 1,
        "reference": draft.reference,
        "created_at": xarf.rfc3339(draft.when),
        "hotline": {"name": settings.HOTLINE_NAME, "contact": settings.MAIL_FROM},
        "recipient": draft.recipient.name,
        "category": draft.category.code,
        "urgent": draft.urgent,
        "place": asdict(draft.place) if draft.place else None,
        "reply": draft.link,
        "items": [_referral_item(item) for item in draft.items],
        "words": draft.words.strip(),
        **({"supplement_to": draft.supplement_to} if draft.supplement_to else {}),
    }


def _referral_item(item: Item) -> dict[str, Any]:
    row = item.identifier
    return {
        "item": item.public_id,
        "kind": row.kind,
        "platform": row.platform,
        "canonical": row.canonical,
        "location": location(row.kind, row.platform, row.canonical),
    }


def _referral_part(draft: Draft) -> EmailMessage:
    return _json_part(referral_document(draft), "referral.json")


def _json_part(document: dict[str, Any], name: str) -> EmailMessage:
    part = EmailMessage(policy=POLICY)
    content = json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    part.set_content(content, maintype="application", subtype="json", disposition="attachment", filename=name)
    return part


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as people read it, taken from its exact bytes."""

    headers: list[tuple[str, str]]
    text: str
    parts: list[tuple[str, str]]  # (file name, text)


def read(content: bytes) -> Letter:
    """Take the exact bytes apart for showing."""
    from email import message_from_bytes

    message: Message = message_from_bytes(content, policy=SMTP)
    names = ("From", "To", "Subject", "Message-ID", "X-Tocsin-Reference")
    parts = list(message.walk())
    plain = next(part for part in parts if part.get_content_type() == "text/plain")
    files = [part for part in parts if part.get_content_type() == "application/json"]
    return Letter(
        [(name, str(message[name])) for name in names],
        _payload(plain),
        [(part.get_filename() or "", _payload(part)) for part in files],
    )


def _payload(part: Message) -> str:
    return bytes(part.get_payload(decode=True)).decode("utf-8", "replace").replace("\r\n", "\n")
