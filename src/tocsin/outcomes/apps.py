"""The outcomes room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    """The outcomes room."""

    name = "tocsin.outcomes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules and its words of the timeline."""
        from django.utils.translation import gettext_lazy as _

        from tocsin.cases import events
        from tocsin.outcomes import access  # noqa: F401

        words = {"text": _("a question"), "consent": _("may their contact go to police")}
        events.register({"reporters_asked": _("Reporters were asked: %(asked)s")}, {"asked": words})
