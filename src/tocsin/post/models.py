"""The outbox: every mail and webhook of any room is a row here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class MessageState(models.TextChoices):
    """queued -> sent, or -> failed after a permanent error or too many attempts; held while no SMTP is set."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Message(models.Model):
    """One outgoing message. `content_sealed` holds the exact bytes (MIME without the Date header)."""

    key = models.CharField(
        max_length=80, unique=True
    )  # what asked for it, e.g. dispatch:<public id>: never twice
    channel = models.CharField(max_length=20, default="email")
    address_sealed = models.BinaryField()
    content_sealed = models.BinaryField()
    content_digest = models.CharField(
        max_length=64
    )  # SHA-256 of the exact bytes; checked again before sending
    message_id = models.CharField(max_length=120, unique=True)  # stable over every attempt
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, default="", blank=True)  # a sentence of ours and the SMTP code

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], name="post_due", condition=Q(state="queued"))]
        constraints = [
            models.CheckConstraint(
                name="sent_has_time", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            )
        ]
