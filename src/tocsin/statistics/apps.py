"""The statistics room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """The statistics room."""

    name = "tocsin.statistics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules."""
        from tocsin.statistics import access  # noqa: F401
