"""The linking room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class LinkingConfig(AppConfig):
    """The linking room."""

    name = "tocsin.linking"
    default_auto_field = "django.db.models.BigAutoField"
