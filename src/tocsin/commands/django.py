"""Start Django for a verb that needs it."""

from __future__ import annotations

import os


def start() -> None:
    """Load settings and rooms once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.server.settings")
    import django

    django.setup()
