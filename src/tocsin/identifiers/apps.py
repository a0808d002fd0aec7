"""The identifiers room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class IdentifiersConfig(AppConfig):
    """The identifiers room."""

    name = "tocsin.identifiers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules; changes of the bystander list appear on the approvals page."""
        from tocsin.accounts.foureyes import Registered, register
        from tocsin.identifiers import access, bystanders  # noqa: F401
        from tocsin.identifiers.models import BystanderChange

        register(
            Registered(
                key="bystander",
                model=BystanderChange,
                approve=bystanders.approve,
                reject=bystanders.reject,
                template="identifiers/bystander_change.html",
                describe=bystanders.describe,
            )
        )
