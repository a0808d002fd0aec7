"""A load generator in one thread: N clients that each send a tip, read the receipt, and send the next one."""

from __future__ import annotations

import random
import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

_RECEIPT = re.compile(rb'class="receipt"[^>]*>(.*?)</p>', re.DOTALL)
_TAGS = re.compile(rb"<[^>]*>|[\s-]")
_LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)


@dataclass
class Outcome:
    """What came back: receipts shown, latencies in seconds, answers that were no receipt, and how long it took."""

    receipts: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Receipts a second."""
        return len(self.receipts) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        if not self.latencies:
            return float("inf")
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(share * len(self.latencies)))] * 1000


class _Client:
    __slots__ = ("buffer", "due", "sent", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.buffer = b""
        self.sent = 0.0
        self.due = 0.0


def tips(tokens: Iterator[str], seed: int) -> Iterator[bytes]:
    """Endless requests: a tip of some 150 characters each, from 4,096 networks, as a trusted proxy passes them on."""
    draw = random.Random(seed)
    number = 0
    while True:
        number += 1
        text = (
            f"Le groupe t.me/finch_room_{draw.randrange(400)} vend des photos de poterie, "
            f"333元/月, 1927 membres; voir aussi https://kiln-{draw.randrange(10**6)}.example.org/p/{number}"
        )
        body = f"text={quote_plus(text)}&token={quote_plus(next(tokens))}&danger=no&where=telegram".encode()
        network = draw.randrange(4096)
        yield (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Sec-Fetch-Site: same-origin\r\nAccept-Language: fr\r\n"
            b"X-Forwarded-For: 10.%d.%d.%d\r\nContent-Length: %d\r\n\r\n%b"
            % (network >> 8, network & 255, draw.randrange(1, 255), len(body), body)
        )


def run(
    port: int,
    clients: int,
    seconds: float,
    requests: Iterator[bytes],
    rate: float = 0.0,
    into: Outcome | None = None,
) -> Outcome:
    """Keep `clients` busy for `seconds`; with `rate`, send that many a second in all, whoever is free.

    `into` is filled as answers come: whoever kills the server in between still has them when this raises OSError.
    """
    outcome, poll = into or Outcome(), selectors.DefaultSelector()
    begin = time.perf_counter()
    end = begin + seconds
    for number in range(clients):
        client = _Client(port)
        client.due = begin + number / rate if rate else 0.0
        poll.register(client.socket, selectors.EVENT_READ, client)
        if not rate:
            _send(client, requests)
    everyone = [key.data for key in poll.get_map().values()]
    busy = 0 if rate else clients
    while busy or time.perf_counter() < end:
        now = time.perf_counter()
        if now > end + 30:
            outcome.errors += ["no answer within 30 s"] * busy
            break
        for client in everyone if rate and now < end else ():
            if not client.sent and client.due <= now:
                client.due = max(client.due + clients / rate, now)
                _send(client, requests)
                busy += 1
        for key, _ in poll.select(0.002 if rate else 0.5):
            busy += _receive(port, poll, key.data, outcome, requests, go_on=not rate and now < end)
    outcome.seconds = time.perf_counter() - begin
    for client in everyone:
        client.socket.close()
    poll.close()
    return outcome


def _send(client: _Client, requests: Iterator[bytes]) -> None:
    client.sent, client.buffer = time.perf_counter(), b""
    client.socket.setblocking(True)
    client.socket.sendall(next(requests))
    client.socket.setblocking(False)


def _receive(
    port: int,
    poll: selectors.BaseSelector,
    client: _Client,
    outcome: Outcome,
    requests: Iterator[bytes],
    go_on: bool,
) -> int:
    """Read on; once the answer is whole, note it and send the next. How the number of busy clients changes."""
    try:
        data = client.socket.recv(65_536)
    except OSError:
        data = b""
    if not data:
        was_busy = bool(client.sent)
        if was_busy:
            outcome.errors.append("connection closed")
        poll.unregister(client.socket)
        client.socket.close()
        fresh = _Client(port)
        client.socket, client.sent = fresh.socket, 0.0
        poll.register(client.socket, selectors.EVENT_READ, client)
        if was_busy and go_on:
            _send(client, requests)
            return 0
        return -1 if was_busy else 0
    client.buffer += data
    head, found, body = client.buffer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head) if found else None
    if not length or len(body) < int(length[1]):
        return 0
    outcome.latencies.append(time.perf_counter() - client.sent)
    client.sent = 0.0
    receipt = _RECEIPT.search(body)
    if head.startswith(b"HTTP/1.1 200") and receipt:
        outcome.receipts.append(_TAGS.sub(b"", receipt[1]).decode())
    else:
        outcome.errors.append(head[:40].decode("latin-1"))
    if go_on:
        _send(client, requests)
        return 0
    return -1
