"""The dispatch room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    """The dispatch room."""

    name = "tocsin.dispatch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules, its entry on the approvals page, its words of the timeline, what holds silence, what is gone."""
        from tocsin.cases import moving
        from tocsin.dispatch import access, approval, gone, silence, timeline  # noqa: F401 - access registers by import
        from tocsin.dispatch.models import Dispatch, Plan

        approval.enter()
        timeline.enter()
        silence.enter()
        gone.enter()
        moving.register(Plan, work=True)
        moving.register(Dispatch, work=True)
