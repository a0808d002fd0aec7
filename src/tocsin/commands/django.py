"""Start Django for a verb that needs it."""

from __future__ import annotations

import os
import sys


def start() -> None:
    """Load settings and rooms once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.server.settings")
    import django

    django.setup()


def start_installed() -> None:
    """As `start`, for a verb that reads an installation; ends with a sentence where there is none."""
    start()
    from pathlib import Path

    from django.conf import settings

    database = settings.DATABASES["default"]
    if str(database["ENGINE"]).endswith("sqlite3") and not Path(str(database["NAME"])).exists():
        sys.exit(f"There is no database at {database['NAME']}: `tocsin init` makes one.")
