"""The identifiers room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class IdentifiersConfig(AppConfig):
    """The identifiers room."""

    name = "tocsin.identifiers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules."""
        from tocsin.identifiers import access  # noqa: F401
