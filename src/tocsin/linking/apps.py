"""The linking room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class LinkingConfig(AppConfig):
    """The linking room."""

    name = "tocsin.linking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules; changes of hubs appear on the approvals page."""
        from tocsin.accounts.foureyes import Registered, register
        from tocsin.linking import access, hubs  # noqa: F401
        from tocsin.linking.models import HubChange

        register(
            Registered(
                key="hub",
                model=HubChange,
                approve=hubs.approve,
                reject=hubs.reject,
                template="linking/hub_change.html",
                describe=hubs.describe,
            )
        )
