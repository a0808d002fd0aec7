"""The post room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PostConfig(AppConfig):
    """The post room."""

    name = "tocsin.post"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules."""
        from tocsin.post import access  # noqa: F401
