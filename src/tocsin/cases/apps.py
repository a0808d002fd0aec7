"""The cases room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The cases room."""

    name = "tocsin.cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules."""
        from tocsin.cases import access  # noqa: F401
