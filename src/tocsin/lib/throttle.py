"""Who asks how often, without knowing who: buckets keyed by an hourly rotating hash of the network.

Addresses come only from the socket, or from a proxy that is listed in `TOCSIN_TRUSTED_PROXIES`. They are never
stored or logged: what is kept in memory is a keyed hash of the /24 (IPv4) or /48 (IPv6), with a key that lives one
hour. A request over Tor has no address of its own, and so no bucket.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from tocsin.lib import keys

HOUR = 3600
_KEPT = 50_000  # buckets in memory: a flood of networks must not fill it


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` at once, and as many again in `seconds`."""

    most: int
    seconds: float


class Buckets:
    """Token buckets by key. `clock` gives seconds and never goes back."""

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit, self._clock = limit, clock
        self._levels: OrderedDict[object, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: object, count: int = 1) -> float:
        """Count `count` for `key`; 0.0 while within the limit, else the seconds until there is room again."""
        with self._lock:
            level = self._level(key) + count
            over = level - self.limit.most
            self._levels[key] = (min(level, self.limit.most + count), self._clock())
            self._levels.move_to_end(key)
            while len(self._levels) > _KEPT:
                self._levels.popitem(last=False)
        return over * self.limit.seconds / self.limit.most if over > 0 else 0.0

    def full(self, key: object) -> float:
        """As `take`, without counting: seconds until one more fits, 0.0 when it does."""
        with self._lock:
            over = self._level(key) + 1 - self.limit.most
        return over * self.limit.seconds / self.limit.most if over > 0 else 0.0

    def _level(self, key: object) -> float:
        level, at = self._levels.get(key, (0.0, 0.0))
        return max(0.0, level - (self._clock() - at) * self.limit.most / self.limit.seconds)


def address(request: HttpRequest) -> str:
    """The sender's address: the socket's, or what the last trusted proxy says. Empty over Tor or a local socket."""
    if over_tor(request):
        return ""
    found = str(request.META.get("REMOTE_ADDR", ""))
    for said in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not said.strip() or not _trusted(found):
            break
        found = said.strip()
    return found


def over_tor(request: HttpRequest) -> bool:
    """Whether the request was addressed to the onion service. Only a trusted proxy (tor itself) can reach us so."""
    host = request.META.get("HTTP_HOST", "").partition(":")[0].lower()
    return (
        bool(settings.ONION_HOST)
        and host == settings.ONION_HOST
        and _trusted(request.META.get("REMOTE_ADDR", ""))
    )


def network(found: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one; empty for what is no address."""
    parts = found.split(".")
    if len(parts) == 4 and all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        if max(map(int, parts)) > 255:
            return ""
        return (
            f"{int(parts[0])}.{int(parts[1])}.{int(parts[2])}.0/24"  # as below, for most senders at a tenth
        )
    try:
        parsed = ipaddress.ip_address(found.strip("[]"))
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def bucket(request: HttpRequest, now: float | None = None) -> int | None:
    """This hour's random number of the sender's network (63 bits); None where there is no address."""
    near = network(address(request))
    if not near:
        return None
    key = hour_key(int((time.time() if now is None else now) // HOUR))
    digest = hashlib.blake2b(near.encode(), key=key, digest_size=8, person=b"tocsin-net").digest()
    return int.from_bytes(digest, "big") >> 1


@lru_cache(maxsize=2)
def hour_key(hour: int) -> bytes:
    """32 random bytes of an hour, the same in every process of this machine, gone when the hour is over.

    A file holds them, so that two web processes give a network one number; those of other hours are erased.
    """
    folder = keys.home() / "hours"
    try:
        folder.mkdir(mode=0o700, exist_ok=True, parents=True)
    except OSError:
        return secrets.token_bytes(32)  # a home that may not be written: each process has numbers of its own
    for old in folder.glob("*.key"):
        if old.stem.isdigit() and abs(int(old.stem) - hour) > 1:
            _erase(str(old))
    file = folder / f"{hour}.key"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _whole(str(file))
    except OSError:
        return secrets.token_bytes(32)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(secrets.token_bytes(32))
    return _whole(str(file))


def _whole(file: str) -> bytes:
    """The 32 bytes, once the process that makes the file has written them."""
    for _ in range(200):
        with open(file, "rb") as handle:  # noqa: PTH123 - read in a loop, as it is
            found = handle.read(32)
        if len(found) == 32:
            return found
        time.sleep(0.01)
    raise RuntimeError("an hour's key was begun and never written")


def _erase(file: str) -> None:
    try:
        with open(file, "r+b") as handle:  # noqa: PTH123 - overwritten in place before it goes
            handle.write(bytes(32))
            os.fsync(handle.fileno())
        os.unlink(file)  # noqa: PTH108
    except FileNotFoundError:
        return  # another process erased it


@lru_cache(maxsize=8)
def _proxies(listed: tuple[str, ...]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(entry, strict=False) for entry in listed]


def _trusted(found: str) -> bool:
    if found == "" and settings.TRUSTED_PROXIES:
        return True  # a local socket: only the proxy before us can open it
    if found in settings.TRUSTED_PROXIES:
        return True
    try:
        parsed = ipaddress.ip_address(found)
    except ValueError:
        return False
    return any(parsed in near for near in _proxies(tuple(settings.TRUSTED_PROXIES)))
