"""Logs without visitors: no address, no request line, no word of what was sent.

Django names the path of a request that failed, and gunicorn the address of a sender whose request it could not
read. A path may hold the link of a recipient, an address leads to a reporter: neither is written.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from gunicorn.glogging import Logger

BOOTING = "Exception in worker process"  # gunicorn could not start: no request was there yet
_CUT = ("Invalid request", "Error handling request")  # what follows names the sender or the request


class NoContent(logging.Filter):
    """Leaves of a message what cannot come from outside, and of an error its class and place."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is always kept."""
        text = record.getMessage()
        if record.name.partition(".")[0] == "django":
            text = text.partition(":")[0]  # "Internal Server Error: /path", "Invalid HTTP_HOST header: …"
        text = next((cut for cut in _CUT if text.startswith(cut)), text)
        if record.exc_info and record.exc_info[0] is not None and not text.startswith(BOOTING):
            text += f" ({record.exc_info[0].__name__} in {_place(record.exc_info[2])})"
            record.exc_info = record.exc_text = None
        record.msg, record.args = text, ()
        return True


def _place(found: TracebackType | None) -> str:
    frames = traceback.extract_tb(found, limit=-1)
    return f"{frames[0].filename}:{frames[0].lineno}" if frames else "?"


class QuietLogger(Logger):  # type: ignore[misc]  # gunicorn is published without types
    """gunicorn's logger with that filter."""

    def setup(self, cfg: object) -> None:
        """As gunicorn sets it up, and the filter."""
        super().setup(cfg)
        self.error_log.addFilter(NoContent())
