"""Reads of the outbox."""

from __future__ import annotations

from django.db.models import QuerySet

from tocsin.post.models import Message, MessageState


def failed_count() -> int:
    """Messages that will not be tried again."""
    return Message.objects.filter(state=MessageState.FAILED).count()


def waiting_count() -> int:
    """Messages that have not left yet."""
    return Message.objects.filter(state=MessageState.QUEUED).count()


def outbox() -> QuerySet[Message]:
    """All messages, newest first."""
    return Message.objects.order_by("-queued_at", "-pk")
