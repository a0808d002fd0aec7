"""Registers the start-up checks."""

from __future__ import annotations

from django.apps import AppConfig


class ServerConfig(AppConfig):
    """The roof."""

    name = "tocsin.server"

    def ready(self) -> None:
        """Load the checks."""
        from tocsin.server import checks  # noqa: F401
