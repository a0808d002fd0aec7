"""The audit room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit room."""

    name = "tocsin.audit"
    default_auto_field = "django.db.models.BigAutoField"
