"""A hold also stops what stands in the outbox and has not left yet."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from tocsin.audit.record import record
from tocsin.dispatch.models import Dispatch, DispatchKind
from tocsin.dispatch.timeline import tell
from tocsin.post.models import Message, MessageState


def call_back(identifier_ids: Sequence[int]) -> int:
    """Take queued notices about these identifiers out of the outbox; returns how many. Inside `with write():`.

    They are approved and waiting again, and leave later under the same Message-ID. A message that a worker is
    handing over at this very moment cannot be stopped: it is left alone and counts as sent.
    """
    rows = Dispatch.objects.filter(kind=DispatchKind.NOTICE, state="queued", message__isnull=False)
    taken = 0
    for row in rows.filter(items__identifier_id__in=identifier_ids).distinct().order_by("pk"):
        taken += _take_out(row)
    return taken


def _take_out(row: Dispatch) -> bool:
    message, now = row.message_id or 0, timezone.now()
    row.message, row.state, row.queued_at = None, "approved", None
    idle = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    free = Message.objects.select_for_update().filter(idle, pk=message, state=MessageState.QUEUED)
    if not free.exists():
        return False
    row.save(update_fields=["message", "state", "queued_at"])
    Message.objects.filter(pk=message).delete()
    tell(row, "called_back", "worker")
    record("worker", "dispatch.called_back", row.audit_name)
    return True
