"""A wire between a browser and a server that keeps what the browser sent: proof of what left a phone."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Wire:
    """Forwards every connection to a port of this machine and keeps the bytes that went there."""

    def __init__(self, to_port: int) -> None:
        self.to_port = to_port
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.server.getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self.lock = threading.Lock()
        self.cut = False
        self._sent = bytearray()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def sent(self) -> bytes:
        """All that came from the browser so far."""
        with self.lock:
            return bytes(self._sent)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed at the end of the test
            while True:
                here, _address = self.server.accept()
                if self.cut:
                    here.close()
                    continue
                there = socket.create_connection(("127.0.0.1", self.to_port))
                for pair in ((here, there, True), (there, here, False)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, keep: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if keep:
                    with self.lock:
                        self._sent += data
                if self.cut:
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """A wire to this port for one test."""
    wire = Wire(port)
    try:
        yield wire
    finally:
        wire.server.close()
