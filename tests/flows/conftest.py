"""Fixtures of the journeys."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

# roles exist on PostgreSQL only; what a door says on SQLite is in test_door_refuses.py
ON_POSTGRES = ["test_split.py", "test_door_privileges.py", "test_door_pages.py", "test_break_in.py"]
collect_ignore = [] if os.environ.get("DATABASE_URL") else ON_POSTGRES

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def stack() -> Iterator[Any]:
    """A whole installation; see stack.py."""
    from stack import running

    with running("journey") as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, headless."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        chromium.close()
