"""The lib room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class LibConfig(AppConfig):
    """The lib room."""

    name = "tocsin.lib"
    default_auto_field = "django.db.models.BigAutoField"
