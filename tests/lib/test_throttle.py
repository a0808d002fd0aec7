"""Where a request comes from is known well enough to count, and never well enough to tell who it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from tocsin.lib import throttle
from tocsin.lib.throttle import Buckets, Limit


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(socket: str, forwarded: str = "", host: str = "localhost") -> HttpRequest:
    extra: dict[str, Any] = {"REMOTE_ADDR": socket, "HTTP_HOST": host}
    if forwarded:
        extra["HTTP_X_FORWARDED_FOR"] = forwarded
    return RequestFactory().get("/", **extra)


@pytest.mark.parametrize(
    ("socket", "forwarded", "found"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # a header that nobody trusted sent
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (
            "127.0.0.1",
            "203.0.113.9, 198.51.100.1",
            "198.51.100.1",
        ),  # what the sender made up stands further left
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),  # two proxies of ours
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", " , ", "127.0.0.1"),
        ("", "198.51.100.1", "198.51.100.1"),  # a local socket
        ("::1", "2001:db8:1:2::3", "::1"),  # this proxy is not listed
    ],
)
def test_addresses_come_from_the_socket_or_a_trusted_proxy(
    settings: Any, socket: str, forwarded: str, found: str
) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8"]
    assert throttle.address(asked(socket, forwarded)) == found


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("[2001:db8:1:ffff::3]", "2001:db8:1::/48"),
        ("192.0.2.256", ""),
        ("192.0.2", ""),
        ("unknown", ""),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_a_network_is_a_24_or_a_48(address: str, network: str) -> None:
    assert throttle.network(address) == network


def test_over_tor_there_is_no_address(settings: Any) -> None:
    settings.TRUSTED_PROXIES, settings.ONION_HOST = ["127.0.0.1"], "kiln.onion"
    assert throttle.bucket(asked("127.0.0.1", "192.0.2.7", "kiln.onion")) is None
    assert throttle.bucket(asked("127.0.0.1", "192.0.2.7")) is not None


def test_nobody_becomes_a_tor_user_by_naming_the_host(settings: Any) -> None:
    settings.TRUSTED_PROXIES, settings.ONION_HOST = ["127.0.0.1"], "kiln.onion"
    assert throttle.bucket(asked("192.0.2.7", host="kiln.onion")) is not None


def test_a_bucket_is_the_same_for_a_network_and_an_hour_only() -> None:
    first = throttle.bucket(asked("192.0.2.7"), now=7200.0)
    assert first is not None
    assert 0 <= first < 2**63
    assert throttle.bucket(asked("192.0.2.200"), now=7300.0) == first
    assert throttle.bucket(asked("192.0.3.7"), now=7200.0) != first
    assert throttle.bucket(asked("192.0.2.7"), now=10_800.0) != first


def test_the_keys_of_past_hours_are_erased(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    throttle.hour_key.cache_clear()
    try:
        first = throttle.hour_key(100)
        throttle.hour_key.cache_clear()
        assert throttle.hour_key(100) == first  # another process reads the same key
        throttle.hour_key(103)
        assert [file.name for file in (tmp_path / "hours").iterdir()] == ["103.key"]
        assert (tmp_path / "hours" / "103.key").stat().st_mode & 0o777 == 0o600
    finally:
        throttle.hour_key.cache_clear()


def test_a_bucket_is_tripped_and_recovers_with_time_alone() -> None:
    clock = Clock()
    buckets = Buckets(Limit(3, 60), clock)
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a") == pytest.approx(20)
    assert buckets.take("b") == 0.0  # nobody else waits
    clock.now += 19
    assert buckets.full("a") > 0
    clock.now += 22
    assert buckets.full("a") == 0.0
    assert buckets.take("a") == 0.0


def test_a_flood_does_not_lengthen_the_wait_for_ever() -> None:
    clock = Clock()
    buckets = Buckets(Limit(3, 60), clock)
    for _ in range(1000):
        buckets.take("a")
    clock.now += 61
    assert buckets.take("a") == 0.0


def test_memory_does_not_grow_with_networks() -> None:
    buckets = Buckets(Limit(3, 60), Clock())
    for number in range(throttle._KEPT + 100):
        buckets.take(number)
    assert len(buckets._levels) == throttle._KEPT
