"""A mail that was read becomes a tip, in one transaction with the note that it was seen and with its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.tips.accept import Accepted, Incoming, Refused, accept
from tocsin.tips.mail import answer
from tocsin.tips.mail.letter import Letter
from tocsin.tips.models import MailSeen

OLDEST = timedelta(days=365)  # a time of arrival before it is the mail server's mistake
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies: folder, UIDVALIDITY and UID never name two mails."""

    folder: str
    validity: int
    uid: int


def take(letter: Letter, place: Place) -> str:
    """Store tip, note and answer; returns what it was: tip, empty, automatic or refused. Safe to repeat."""
    with write():
        row = MailSeen.objects.filter(folder=place.folder, uid_validity=place.validity, uid=place.uid).first()
        if row:
            return row.result
        result = _stored(letter, place)
        MailSeen.objects.create(
            folder=place.folder,
            uid_validity=place.validity,
            uid=place.uid,
            result=result,
            pictures=letter.kept_out,
            at=timezone.now(),
        )
    return result


def _stored(letter: Letter, place: Place) -> str:
    if letter.head.bounce(letter.report):
        return "automatic"
    if letter.empty and not letter.readable:
        return REFUSED  # nothing could be learnt of it: it stays for a person
    token = _token(letter, place)
    answering = answer.may_answer(letter.head)
    with_receipt = answering and settings.MAIL_RECEIPT
    accepted = _tip(letter, token, quiet=not with_receipt)
    if answering:
        # a mail that was delivered twice is one tip: its receipt was told with the first one
        answer.queue(letter, accepted.receipt if accepted and accepted.new and with_receipt else "")
    return "tip" if accepted else "empty"


def _tip(letter: Letter, token: str, quiet: bool) -> Accepted | None:
    incoming = Incoming(
        text=letter.text,
        source="email",
        token=token,
        # a forged or a machine's address is no way to reach whoever wrote: no message is ever announced to it
        contact=letter.head.sender if answer.answerable(letter.head) else "",
        sender=letter.head.sender.lower(),
        occurred_at=letter.head.written_at,
        received_at=_arrival(letter.arrived_at),
        quiet=quiet,
    )
    try:
        (accepted,) = accept([incoming], actor="worker")
    except Refused:  # no words in it
        return None
    return accepted


def _token(letter: Letter, place: Place) -> str:
    """The same mail gives the same token, also when it is delivered twice or the folder is numbered anew.

    Sender and words belong to it: the receipt follows from the token, and nobody may get another one's receipt
    by writing a mail with a Message-ID that they saw.
    """
    name = letter.head.message_id or f"{place.folder}/{place.validity}/{place.uid}"
    said = [settings.IMAP_HOST, settings.IMAP_USER, name, letter.head.sender.lower(), letter.text]
    return sealing.lookup_tag("mail-token", json.dumps(said))


def _arrival(said: datetime | None) -> datetime:
    """When the mail server took it in; now where that is not believable."""
    now = timezone.now()
    return said if said and now - OLDEST < said <= now else now
