"""The outcomes room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    """The outcomes room."""

    name = "tocsin.outcomes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules."""
        from tocsin.outcomes import access  # noqa: F401
