"""Registers the room's rules."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts room."""

    name = "tocsin.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the rules of `access.py`."""
        from tocsin.accounts import access  # noqa: F401
