"""The dispatch room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    """The dispatch room."""

    name = "tocsin.dispatch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules, its entry on the approvals page, its words of the timeline, what holds silence, what is gone."""
        from tocsin.dispatch import access, approval, gone, silence, timeline  # noqa: F401 - access registers by import

        approval.enter()
        timeline.enter()
        silence.enter()
        gone.enter()
