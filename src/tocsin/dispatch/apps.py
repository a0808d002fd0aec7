"""The dispatch room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    """The dispatch room."""

    name = "tocsin.dispatch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules, its entry on the approvals page, and its words of the timeline."""
        from tocsin.dispatch import access, approval, timeline  # noqa: F401 - access registers by being imported

        approval.enter()
        timeline.enter()
