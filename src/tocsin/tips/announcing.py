"""The mail that says that a message waits: never what it says, no receipt, nothing of the tip.

Whoever reads it over the reporter's shoulder learns the hotline's name and address, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from tocsin.audit.record import record
from tocsin.lib import sealing
from tocsin.post import outbox
from tocsin.tips import silence
from tocsin.tips.models import Message, Objection, Tip

POLICY = SMTP.clone(cte_type="7bit", max_line_length=200)
_ADDRESS = re.compile(r"[^\s<>,;:()\"]+@[^\s<>,;:()\"]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """To whom, and in which languages."""

    address: str
    languages: list[str]


def letters(messages: Sequence[Message]) -> dict[int, Letter]:
    """message id -> letter, where a tip or objection of the mailbox left an e-mail address.

    None under a hold: the message itself waits in the mailbox. Opens contacts, so it needs the private key.
    """
    tags = {message.box_tag for message in messages if message.box_tag} - silence.bound(
        message.box_tag for message in messages
    )
    found: dict[str, Letter] = {}
    rows = Tip.objects.filter(box_tag__in=tags, contact_sealed__isnull=False).order_by("pk")
    left = list(rows.values_list("box_tag", "contact_sealed", "language"))
    objections = Objection.objects.filter(box_tag__in=tags, contact_sealed__isnull=False)
    left += [(tag, sealed, "") for tag, sealed in objections.values_list("box_tag", "contact_sealed")]
    for tag, sealed, language in left:
        if address := address_in(sealing.unseal(sealed)):
            found[tag] = Letter(address, languages_for(language))  # the newest tip's address counts
    return {message.pk: found[message.box_tag] for message in messages if message.box_tag in found}


def address_in(contact: str) -> str:
    """The e-mail address that was left, or an empty text: one address, alone or with words around it."""
    addresses = _ADDRESS.findall(contact)
    if len(addresses) != 1:
        return ""
    address = str(addresses[0]).rstrip(".")
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if address.isascii() else ""


def languages_for(language: str) -> list[str]:
    """The page language of this tip; all of them where it has none of ours."""
    codes = [code for code, _name in settings.LANGUAGES]
    known = [code for code in codes if language and code.partition("-")[0] == language.partition("-")[0]]
    return known[:1] or codes


def queue(message: Message, letter: Letter) -> None:
    """Put the mail into the outbox, once a message; inside the caller's transaction."""
    outbox.queue(f"mailbox:{message.public_id}", letter.address, mime(message, letter))
    record("worker", "message.announced", f"message:{message.public_id}")


def mime(message: Message, letter: Letter) -> bytes:
    """The exact bytes. The Message-ID is made from the message's name, which the reporter never sees elsewhere."""
    mail = EmailMessage(policy=POLICY)
    mail["Message-ID"] = f"<{sealing.lookup_tag('announce', message.public_id)}@{settings.MAIL_DOMAIN}>"
    mail["From"] = Address(settings.HOTLINE_NAME, addr_spec=settings.MAIL_FROM)
    mail["To"] = letter.address
    mail["Subject"] = " / ".join(_in_each(letter.languages, _subject))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(_in_each(letter.languages, _text)) + "\n")
    mail["Content-Language"] = ", ".join(
        letter.languages
    )  # after the content, which drops every Content header
    return mail.as_bytes()


def _in_each(languages: Sequence[str], words: Callable[[], str]) -> list[str]:
    found = []
    for language in languages:
        with translation.override(language):
            found.append(words())
    return found


def _subject() -> str:
    return _("There is a message for you")


def _text() -> str:
    page = f"{settings.PUBLIC_URL}{reverse('tips:status', urlconf='tocsin.server.urls_door')}"
    return _("There is a message for you. Read it with your receipt: %(page)s") % {"page": page}
