"""Visits to a server outside that may be slow, stalled or gone: in a thread of their own, one at a time.

The worker's walk never waits for them: a step asks `tick`, which starts a visit or finds one running or done. A
worker that ends leaves a running visit where it is; a visit must therefore be safe to be killed at any line.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.db import connections

LONGEST_PAUSE_SECONDS = 900.0

log = logging.getLogger(__name__)


class Visits:
    """`visit(limit)` returns how many rows it did and may raise anything; `every()` is the pause in seconds."""

    def __init__(self, name: str, visit: Callable[[int], int], every: Callable[[], float]) -> None:
        self._name, self._visit, self._every = name, visit, every
        self._thread: threading.Thread | None = None
        self._next_at = 0.0
        self._failures = 0
        self._done = 0

    def tick(self, limit: int) -> int:
        """Start a visit if one is due; returns how many rows the last one did, once."""
        if self._thread and self._thread.is_alive():
            return 0
        done, self._done = self._done, 0
        if time.monotonic() >= self._next_at:
            self._thread = threading.Thread(target=self._go, args=(limit,), name=self._name, daemon=True)
            self._thread.start()
        return done

    def wait(self) -> None:
        """Until the running visit is over."""
        if self._thread:
            self._thread.join()

    def _go(self, limit: int) -> None:
        """After a failure the pause doubles, up to a quarter of an hour; where more is left there is none."""
        pause = LONGEST_PAUSE_SECONDS
        try:
            self._done = self._visit(limit)
            self._failures = 0
            pause = 0.0 if self._done >= limit else self._every()
        except (
            Exception
        ) as error:  # whatever the other side did: the next visit is later, and nothing else stops
            self._failures += 1
            pause = min(max(self._every(), 1.0) * 2.0 ** min(self._failures, 10), LONGEST_PAUSE_SECONDS)
            log.warning("%s failed (%s); next try in %d s", self._name, type(error).__name__, pause)
        finally:
            self._next_at = time.monotonic() + pause
            connections.close_all()
