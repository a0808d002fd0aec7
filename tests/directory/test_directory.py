"""Who can act, and by which confirmed route."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.directory import queries
from tocsin.directory.confirm import confirm
from tocsin.directory.load import load_demonstration
from tocsin.directory.models import Recipient, Route
from tocsin.identifiers.models import Identifier


def named(kind: str, platform: str, canonical: str) -> Identifier:
    return Identifier(kind=kind, platform=platform, canonical=canonical, strength="strong")


def keys(found: list[Recipient]) -> list[str]:
    return [recipient.key for recipient in found]


@pytest.fixture
def real_route(directory: None) -> Route:
    """A route to an address that is not under .example, as an import would make it."""
    recipient = Recipient.objects.get(key="weibo")
    return Route.objects.create(recipient=recipient, channel="email", address="desk@platform.example.com")


def test_the_demonstration_confirms_only_invented_addresses(directory: None) -> None:
    confirmed = Route.objects.filter(confirmed_at__isnull=False)
    assert confirmed.count() == Recipient.objects.count() > 20
    assert all(route.address.endswith(".example") and route.confirmed_by is None for route in confirmed)


def test_loading_twice_changes_nothing(directory: None) -> None:
    before = list(Route.objects.order_by("pk").values_list("pk", "confirmed_at"))
    rows = AuditRow.objects.count()
    load_demonstration()
    assert list(Route.objects.order_by("pk").values_list("pk", "confirmed_at")) == before
    assert AuditRow.objects.count() == rows


@pytest.mark.parametrize(
    ("kind", "platform", "canonical", "expected"),
    [
        ("account", "weibo", "uid:6660012345", ["weibo"]),
        ("group", "qq", "718820333", ["qq"]),
        ("email", "email", "shop@pottery.example.com", ["mail"]),
        ("payment", "alipay", "club@pay.example.com", ["payments"]),
        ("site", "web", "pots.example.com", ["hosting-home"]),
        ("url", "web", "pots.example.net:8443/list?page=2", ["hosting-abroad"]),
        ("url", "shortlink", "sho.rt.example/abc", ["shortener"]),
        ("site", "web", "notexample.com", []),
        ("site", "web", "198.51.100.7", []),
        ("phone", "phone", "+33639980123", []),
        ("account", "unknown", "kiln", []),
    ],
)
def test_an_identifier_finds_the_desk_that_answers_for_it(
    directory: None, kind: str, platform: str, canonical: str, expected: list[str]
) -> None:
    assert keys(queries.for_identifier(named(kind, platform, canonical))) == expected


def test_the_longest_host_suffix_wins(directory: None) -> None:
    Recipient.objects.create(
        key="shop-host", name="Shop host", kind="host", host_suffixes=["shops.example.com"],
        source="test", source_date="2026-11-01",
    )  # fmt: skip
    assert keys(queries.for_identifier(named("site", "web", "a.shops.example.com"))) == ["shop-host"]
    assert keys(queries.for_identifier(named("site", "web", "b.example.com"))) == ["hosting-home"]


@pytest.mark.parametrize(
    ("city", "country", "expected"),
    [
        ("harbin", "CN", ["police-harbin"]),
        ("zhengzhou", "", ["police-zhengzhou"]),
        ("lyon", "FR", ["police-fr"]),
        ("", "FR", ["police-fr"]),
        ("", "CN", []),  # a city's police does not answer for the country
        ("", "", []),  # nothing is guessed
        ("atlantis", "XX", []),
    ],
)
def test_police_are_found_by_city_then_by_country(
    directory: None, city: str, country: str, expected: list[str]
) -> None:
    assert keys(queries.police_for(city, country)) == expected


def test_an_inactive_recipient_is_offered_to_nobody(directory: None) -> None:
    Recipient.objects.filter(key="weibo").update(active=False)
    assert queries.for_identifier(named("account", "weibo", "uid:6660012345")) == []


def test_an_unconfirmed_route_is_never_handed_out(real_route: Route) -> None:
    recipient = real_route.recipient
    recipient.routes.exclude(pk=real_route.pk).delete()
    assert queries.usable_route(recipient) is None


def test_the_database_refuses_a_real_address_without_a_person_and_a_note(
    real_route: Route, reviewer: Any
) -> None:
    now = timezone.now()
    for fields in (
        {"confirmed_at": now},
        {"confirmed_at": now, "confirmed_by": reviewer},
        {"confirmed_at": now, "confirmed_note": "called"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Route.objects.filter(pk=real_route.pk).update(**fields)


def test_a_person_confirms_a_route_once_with_a_note(real_route: Route, reviewer: Any) -> None:
    with pytest.raises(NotAllowed):
        confirm(real_route, reviewer, "   ")
    confirm(real_route, reviewer, "test message answered on 20 November")
    assert queries.usable_route(real_route.recipient) == real_route
    assert AuditRow.objects.filter(action="route.confirmed", actor=reviewer.actor).count() == 1
    with pytest.raises(NotAllowed):
        confirm(real_route, reviewer, "again")


def test_two_addresses_in_one_field_are_refused(directory: None, reviewer: Any) -> None:
    recipient = Recipient.objects.get(key="weibo")
    route = Route.objects.create(recipient=recipient, address="a@desk.example, b@desk.example")
    with pytest.raises(NotAllowed):
        confirm(route, reviewer, "called")
