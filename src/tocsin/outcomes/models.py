"""A case's clock."""

from __future__ import annotations

from django.db import models

from tocsin.cases.models import Case


class CaseClock(models.Model):
    """When each thing first happened to a case; NULL where it has not."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="clock")
    received = models.DateTimeField(null=True)
    opened = models.DateTimeField(null=True)
    assessed = models.DateTimeField(null=True)
    approved = models.DateTimeField(null=True)
    sent = models.DateTimeField(null=True)
    acknowledged = models.DateTimeField(null=True)
    all_gone = models.DateTimeField(null=True)
    arrested = models.DateTimeField(null=True)
    events_seen = models.PositiveIntegerField(null=True)  # how many timeline lines it was computed from
    updated_at = models.DateTimeField()
