"""Send what is due: claim by a conditional update that must count 1, hand over, write down. At least once."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from email.utils import format_datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from tocsin.audit.record import record
from tocsin.lib import sealing
from tocsin.lib.steps import PAUSES
from tocsin.lib.writing import write
from tocsin.post.channels.email.transport import DeliveryError, Transport
from tocsin.post.models import Message, MessageState

LEASE = timedelta(minutes=5)


def due(limit: int) -> list[int]:
    """Ids of messages that may be tried now, urgent ones first."""
    now = timezone.now()
    rows = Message.objects.filter(state=MessageState.QUEUED, next_try_at__lte=now)
    rows = rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
    return list(rows.order_by("-urgent", "next_try_at").values_list("pk", flat=True)[:limit])


def send_due(limit: int) -> int:
    """Step `post.send`. Without a mail server everything waits on the outbox page. Returns how many were tried."""
    if not settings.SMTP_HOST:
        return 0
    ids = due(limit)
    if not ids:
        return 0
    tried = 0
    with Transport() as transport:
        for pk in ids:
            message = _claim(pk)
            if message is not None:
                _deliver(message, transport)
                tried += 1
    return tried


def _claim(pk: int) -> Message | None:
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    with write():
        mine = Message.objects.filter(free, pk=pk, state=MessageState.QUEUED).update(lease_until=now + LEASE)
    return Message.objects.get(pk=pk) if mine == 1 else None


def _deliver(message: Message, transport: Transport) -> None:
    try:
        content = _exact_bytes(message)
        transport.send(sealing.unseal(message.address_sealed), content)
    except DeliveryError as error:
        _failed(message, error)
        return
    with write():
        Message.objects.filter(pk=message.pk).update(
            state=MessageState.SENT,
            sent_at=timezone.now(),
            lease_until=None,
            attempts=message.attempts + 1,
            failure="",
        )
        record("worker", "post.sent", f"message:{message.pk}", attempt=message.attempts + 1)


def _exact_bytes(message: Message) -> bytes:
    content = sealing.open_bytes(message.content_sealed)
    if hashlib.sha256(content).hexdigest() != message.content_digest:
        raise DeliveryError("The stored message is not the one that was approved; it was not sent.", True)
    # the date is the time of queueing: the same bytes at every attempt
    return b"Date: " + format_datetime(message.queued_at).encode("ascii") + b"\r\n" + content


def _failed(message: Message, error: DeliveryError) -> None:
    attempts = message.attempts + 1
    final = error.permanent or attempts > len(PAUSES)
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    with write():
        Message.objects.filter(pk=message.pk).update(
            state=MessageState.FAILED if final else MessageState.QUEUED,
            attempts=attempts,
            next_try_at=timezone.now() + pause,
            lease_until=None,
            failure=str(error)[:200],
        )
        record("worker", "post.failed" if final else "post.retry", f"message:{message.pk}", attempt=attempts)
