"""The audit row. Triggers (see the first migration) refuse UPDATE and DELETE, but for setting the chain once."""

from __future__ import annotations

from django.db import models


class AuditRow(models.Model):
    """Actor and object are strings without foreign keys, so that the record outlives what it describes."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)  # user:7, door, worker, cli:NAME
    action = models.CharField(max_length=80)  # dotted: case.opened
    object = models.CharField(max_length=80)  # case:2026-000123
    detail = models.JSONField(default=dict)  # numbers, states, public ids
    position = models.BigIntegerField(null=True, unique=True)
    digest = models.CharField(max_length=64, null=True)  # noqa: DJ001 - NULL means "not chained yet"

    class Meta:
        indexes = [
            models.Index(fields=["object", "id"]),
            models.Index(fields=["id"], name="audit_unchained", condition=models.Q(position__isnull=True)),
        ]


class ChainHead(models.Model):
    """One row: the last position and digest. Locking it makes one chainer of many."""

    position = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)
