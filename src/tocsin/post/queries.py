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


def outbox(state: str = "") -> QuerySet[Message]:
    """All messages, or those in one state; newest first, and without their content."""
    rows = Message.objects.order_by("-queued_at", "-pk").defer("content_sealed")
    return rows.filter(state=state) if state in MessageState.values else rows
