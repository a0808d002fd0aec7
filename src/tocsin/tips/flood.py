"""Shed cost, never tips: normally no hurdle at all; in a storm equal texts share a body and senders do a little work.

Two thresholds, both settings: `TOCSIN_STORM_TIPS_PER_MINUTE` (of this process, all networks together) and the
buckets below (a network alone). A tip that passed the hurdle is stored as any other; none is ever refused.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tocsin.lib import throttle
from tocsin.lib.throttle import Buckets, Limit
from tocsin.tips import hurdle

# the throttle contract: what is counted, by which key, how many, in how many seconds (tests hold each line)
LIMITS = {
    "tips.network": Limit(30, 600),  # above: a hurdle for that network, for nobody else
    "receipts.network": Limit(20, 600),  # wrong receipts; above: that network waits, nobody else
    "objections.network": Limit(10, 3600),  # above: a hurdle
    "api.client": Limit(600, 60),  # above: 429 with Retry-After
}
LINE_RATE = 20.0  # forms a second that come in from the waiting line


@lru_cache(maxsize=32)
def buckets(name: str) -> Buckets:
    """The buckets of one line of the contract."""
    return Buckets(LIMITS[name])


@lru_cache(maxsize=4)
def _everybody(most: int) -> Buckets:
    return Buckets(Limit(max(1, most), 60))


@lru_cache(maxsize=1)
def line() -> hurdle.Line:
    """This process's waiting line."""
    return hurdle.Line(LINE_RATE)


@dataclass(frozen=True, slots=True)
class Weather:
    """How a tip is taken just now: `storm` shares bodies; `hurdle` asks for work first; its network's number."""

    storm: bool
    hurdle: bool
    network: int | None


def weather(request: HttpRequest, kind: str = "tips.network") -> Weather:
    """Count this sending and say how it is to be taken. Over Tor only the whole counts, never an address."""
    network = throttle.bucket(request)
    everybody = _everybody(settings.STORM_TIPS_PER_MINUTE).take("all") > 0
    alone = network is not None and buckets(kind).take(network) > 0
    return Weather(storm=everybody, hurdle=everybody or alone, network=network)


def passed(request: HttpRequest, token: str) -> bool:
    """Whether this form brings a proof of work, or has waited for its turn."""
    if hurdle.solved(request.POST.get("altcha", "")[:2000], token):
        return True
    found = hurdle.place(request.POST.get("ticket", "")[:200], token)
    return found is not None and hurdle.waited(found)


def waiting(request: HttpRequest, token: str) -> dict[str, Any]:
    """What the waiting page needs: the challenge for a script, the number and the seconds for a person."""
    found = hurdle.place(request.POST.get("ticket", "")[:200], token) or line().join()
    if found.ready + hurdle.LIVES < time.time():
        found = line().join()
    return {
        "challenge_json": json.dumps(hurdle.challenge(token)),
        "number": found.number,
        "ticket": found.ticket(token),
        "seconds": max(0, found.ready - int(time.time())),
    }


def too_many_wrong(request: HttpRequest) -> int:
    """Seconds until this network may try another receipt; 0 when it may. Counts nothing."""
    network = throttle.bucket(request)
    return 0 if network is None else round(buckets("receipts.network").full(network) + 0.5)


def wrong(request: HttpRequest) -> None:
    """Count a receipt that does not exist."""
    network = throttle.bucket(request)
    if network is not None:
        buckets("receipts.network").take(network)
