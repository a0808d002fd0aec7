"""The hurdle of a storm: a small proof of work for browsers with scripts, a numbered wait for those without.

The proof has ALTCHA's format (SHA-256; find `number` with sha256(salt + number) = challenge). It is bound to the
form's token, which is used up by the tip it brings: so a proof serves once, in every process, without a list.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tocsin.lib import signing

HARDNESS = 60_000  # numbers to try at most: half a second to two on a phone
LIVES = 1200  # seconds in which a proof or a waiting number counts


def challenge(token: str, now: float | None = None) -> dict[str, Any]:
    """ALTCHA's challenge for the form with this token."""
    expires = int((time.time() if now is None else now) + LIVES)
    salt = f"{secrets.token_hex(12)}?expires={expires}"
    number = secrets.randbelow(HARDNESS)
    digest = hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
    return {
        "algorithm": "SHA-256",
        "challenge": digest,
        "maxnumber": HARDNESS,
        "salt": salt,
        "signature": signing.mac_of("pow", f"{token} {salt} {digest}"),
    }


def solved(payload: str, token: str, now: float | None = None) -> bool:
    """Whether `payload` (base64 of ALTCHA's JSON) proves the work for this token, and in time."""
    try:
        said = json.loads(base64.b64decode(payload, validate=True))
        salt, digest, number = str(said["salt"]), str(said["challenge"]), int(said["number"])
        expires = int(salt.rpartition("?expires=")[2])
    except (ValueError, KeyError, TypeError, binascii.Error, OverflowError, RecursionError):
        return False
    if said.get("algorithm") != "SHA-256" or not 0 <= number <= HARDNESS:
        return False
    signed = hmac.compare_digest(
        str(said.get("signature", "")).encode("utf-8", "replace"),
        signing.mac_of("pow", f"{token} {salt} {digest}").encode(),
    )
    right = hashlib.sha256(f"{salt}{number}".encode()).hexdigest() == digest
    return signed and right and (time.time() if now is None else now) <= expires


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the waiting line: its number, and the second from which it may come in."""

    number: int
    ready: int

    def ticket(self, token: str) -> str:
        """Signed for this form: `<number>.<second>.<mac>`."""
        body = f"{self.number}.{self.ready}"
        return f"{body}.{signing.mac_of('wait', f'{token} {body}')}"


class Line:
    """The waiting line of one process: `rate` forms a second come in."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.time) -> None:
        self._rate, self._clock = rate, clock
        self._lock = threading.Lock()
        self._next, self._count = 0.0, 0

    def join(self, least: float = 5.0) -> Place:
        """A new place at the end of the line; at least `least` seconds of waiting."""
        with self._lock:
            now = self._clock()
            if self._next < now:
                self._next, self._count = now, 0
            self._next += 1 / self._rate
            self._count += 1
            return Place(self._count, int(max(self._next, now + least)) + 1)


def place(ticket: str, token: str) -> Place | None:
    """The place that a ticket of ours gives this form; None for a foreign one."""
    body, _, mac = ticket.rpartition(".")
    number, _, ready = body.partition(".")
    if not (number.isascii() and number.isdigit() and ready.isascii() and ready.isdigit()) or len(ready) > 12:
        return None
    good = hmac.compare_digest(
        mac.encode("utf-8", "replace"), signing.mac_of("wait", f"{token} {body}").encode()
    )
    return Place(int(number[:9]), int(ready)) if good else None


def waited(found: Place, now: float | None = None) -> bool:
    """Whether its turn has come, and not so long ago that the ticket is over."""
    return found.ready <= (time.time() if now is None else now) <= found.ready + LIVES
