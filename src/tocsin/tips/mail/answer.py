"""The one automatic answer a sender a day (RFC 3834), through the outbox."""

from __future__ import annotations

import re
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tocsin.lib import receipts, sealing
from tocsin.lib.language import interface
from tocsin.post import outbox
from tocsin.tips.mail.head import Head
from tocsin.tips.mail.letter import Letter
from tocsin.tips.models import MailAnswer
from tocsin.tips.text import language

POLICY = SMTP.clone(cte_type="7bit", max_line_length=200)
KEPT_DAYS = 3  # how long it is remembered that a sender was answered


def answerable(head: Head) -> bool:
    """Whether a person can be reached at the sender's address: not a machine's, not forged, not our own."""
    return head.answerable([settings.MAIL_FROM, settings.IMAP_USER, settings.IMAP_ADDRESS])


def may_answer(head: Head) -> bool:
    """Whether this mail is answered: it can be, and it is the sender's first today."""
    if not answerable(head):
        return False
    return not MailAnswer.objects.filter(sender_tag=_tag(head.sender), day=timezone.now().date()).exists()


def queue(letter: Letter, receipt: str = "") -> None:
    """Note the answer and put it into the outbox, in the transaction of its mail. Without a receipt none is told."""
    address, today = letter.head.sender, timezone.now().date()
    MailAnswer.objects.create(sender_tag=_tag(address), day=today)
    key = f"tip-mail:{_tag(address)}:{today}"
    outbox.queue(key, address, mime(letter, receipt, sealing.lookup_tag("mail-answer", key)))


def forget_old() -> None:
    """Drop the notes that no longer decide anything. One writer's transaction, and only where there are some."""
    old = MailAnswer.objects.filter(day__lt=timezone.now().date() - timedelta(days=KEPT_DAYS))
    if old.exists():
        old.delete()


def mime(letter: Letter, receipt: str, mark: str) -> bytes:
    """The bytes of the answer. It quotes nothing: neither the words nor the subject go back over the wire."""
    message = EmailMessage(policy=POLICY)
    tongue = interface(language(letter.text))
    with translation.override(tongue):
        message["Message-ID"] = f"<tip.{mark[:24]}@{settings.MAIL_DOMAIN}>"
        message["From"] = Address(settings.HOTLINE_NAME, addr_spec=settings.MAIL_FROM)
        message["To"] = Address(addr_spec=letter.head.sender)
        if settings.IMAP_ADDRESS:
            message["Reply-To"] = Address(settings.HOTLINE_NAME, addr_spec=settings.IMAP_ADDRESS)
        message["Subject"] = "Auto: " + _("your message to %(hotline)s") % {"hotline": settings.HOTLINE_NAME}
        message["Auto-Submitted"] = "auto-replied"
        message["X-Auto-Response-Suppress"] = "All"
        if letter.head.message_id:
            message["In-Reply-To"] = letter.head.message_id
            message["References"] = letter.head.message_id
        message.set_content(_text(letter, receipt))
        message["Content-Language"] = tongue  # after the content, which replaces every Content header
    return message.as_bytes()


def _text(letter: Letter, receipt: str) -> str:
    context = {
        "hotline": settings.HOTLINE_NAME,
        "receipt": receipts.grouped(receipt) if receipt else "",
        "mailbox": settings.PUBLIC_URL + reverse("tips:status"),
        "form": settings.PUBLIC_URL + reverse("tips:form"),
        "empty": letter.empty,
        "kept_out": letter.kept_out,
        "cut": letter.cut,
    }
    written = render_to_string("tips/mail/answer.txt", context)
    lines = "\n".join(line.rstrip() for line in written.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _tag(address: str) -> str:
    return sealing.lookup_tag("mail-answer", address.lower())
