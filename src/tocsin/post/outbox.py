"""Put a finished message into the outbox: a row, never twice for the same key."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from email.policy import SMTP

from django.utils import timezone

from tocsin.lib import sealing
from tocsin.post.models import Message


class NotAMessage(ValueError):
    """The bytes are not a mail that may leave; the text says what is missing."""


def queue(key: str, address: str, content: bytes, urgent: bool = False) -> Message:
    """Queue the exact bytes `content` (MIME, without a Date header) for `address`.

    Called inside the caller's transaction. The same `key` gives the row that is there already, so a step that is
    run twice queues once. The Message-ID is the one in the content: it stays the same over every attempt.
    """
    found = Message.objects.filter(key=key).first()
    if found:
        return found
    headers = message_from_bytes(content, policy=SMTP)
    for name in ("Message-ID", "From", "To", "Subject"):
        if not headers[name]:
            raise NotAMessage(f"The header {name} is missing.")
    if headers["Date"]:
        raise NotAMessage("The Date header is added when the message is sent.")
    now = timezone.now()
    return Message.objects.create(
        key=key,
        address_sealed=sealing.seal(address),
        content_sealed=sealing.seal_bytes(content),
        content_digest=hashlib.sha256(content).hexdigest(),
        message_id=str(headers["Message-ID"]).strip(),
        urgent=urgent,
        queued_at=now,
        next_try_at=now,
    )
