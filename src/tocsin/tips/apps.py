"""The tips room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class TipsConfig(AppConfig):
    """The tips room."""

    name = "tocsin.tips"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules."""
        from tocsin.tips import access  # noqa: F401
