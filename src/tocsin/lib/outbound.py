"""HTTP to the outside: JSON only, encrypted, bounded in time and size, without redirects or proxies.

Errors hold no address and no content: an address may carry a secret (a bot's token stands in the path).
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

MOST_BYTES = 4 * 1024 * 1024
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class OutboundError(Exception):
    """The other side was not reached, or answered something that is not JSON. The text holds no address."""


def post_json(url: str, value: Any, seconds: float, most: int = MOST_BYTES) -> tuple[int, Any]:
    """POST a JSON value; the status and the JSON of the answer, whatever the status is.

    The whole exchange ends after `seconds`. Plain `http` is for loopback only. Raises `OutboundError`.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise OutboundError("Only https is used, except on this machine.")
    try:
        with _Line(parts.hostname or "", parts.port, parts.scheme == "https", seconds) as line:
            status, content = _exchange(line, parts.path or "/", json.dumps(value).encode(), most)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OutboundError(type(error).__name__) from None
    if len(content) > most:
        raise OutboundError("The answer is too large.")
    try:
        return status, json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OutboundError(type(error).__name__) from None


def _exchange(line: _Line, path: str, body: bytes, most: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(line.host, line.port)
    connection.sock = line.sock  # set up already: http.client connects only where there is none
    with closing(connection):
        connection.request("POST", path, body, {"Content-Type": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(most + 1)


class _Line:
    """A connection with an end: a timeout of the socket alone can be trickled past, so an alarm hangs up."""

    def __init__(self, host: str, port: int | None, tls: bool, seconds: float) -> None:
        self.host, self.port = host, port or (443 if tls else 80)
        self._tls, self._seconds = tls, seconds

    def __enter__(self) -> _Line:
        sock = socket.create_connection((self.host, self.port), timeout=self._seconds)
        # a second descriptor of the same connection: TLS and http.client take the first one over
        self._handle = sock.dup()
        self._alarm = threading.Timer(self._seconds, self._hang_up)
        self._alarm.daemon = True
        self._alarm.start()
        try:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(sock, server_hostname=self.host) if self._tls else sock
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        self._alarm.cancel()
        self._hang_up()
        self._handle.close()
