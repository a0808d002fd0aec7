"""The worker's step: every so often a visit to the mailbox, in a thread of its own.

A mail server may be slow, stalled or gone. Then its mails wait, and nothing else does: the step starts a visit and
returns, the next walks find it running or done.
"""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import connections

LONGEST_PAUSE_SECONDS = 900.0

log = logging.getLogger(__name__)


class Reader:
    """Starts visits, one at a time; after a failed one the pause doubles, up to a quarter of an hour."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._next_at = 0.0
        self._failures = 0
        self._done = 0

    def tick(self, limit: int) -> int:
        """Start a visit if one is due; returns how many mails the last one dealt with, once."""
        if self._thread and self._thread.is_alive():
            return 0
        done, self._done = self._done, 0
        if time.monotonic() >= self._next_at:
            self._thread = threading.Thread(
                target=self._visit, args=(limit,), name="tip-mailbox", daemon=True
            )
            self._thread.start()
        return done

    def wait(self) -> None:
        """Until the running visit is over."""
        if self._thread:
            self._thread.join()

    def _visit(self, limit: int) -> None:
        from tocsin.tips.mail.poll import poll

        try:
            self._done = poll(limit)
            self._failures = 0
            pause = 0.0 if self._done >= limit else float(settings.IMAP_EVERY_SECONDS)
        except (
            Exception
        ) as error:  # whatever the other side did: the next visit is later, and nothing else stops
            self._failures += 1
            pause = min(settings.IMAP_EVERY_SECONDS * 2.0 ** min(self._failures, 10), LONGEST_PAUSE_SECONDS)
            log.warning("the tip mailbox cannot be read (%s); next try in %d s", type(error).__name__, pause)
        finally:
            self._next_at = time.monotonic() + pause
            connections.close_all()


_reader = Reader()


def mail(limit: int) -> int:
    """Mails of the tip mailbox -> tips. Does nothing where no mailbox is set."""
    return _reader.tick(limit) if settings.IMAP_HOST else 0
