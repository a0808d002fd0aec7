"""Who can act about an identifier or a place, and by which confirmed route."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from tocsin.directory.models import Recipient, RecipientKind, Route
from tocsin.identifiers.models import Identifier

ADDRESS_KINDS = ("site", "url")
ACTS_ON_PLATFORMS = (RecipientKind.PROVIDER, RecipientKind.PAYMENT)
ONE_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


class Directory:
    """The active recipients, read once: a plan asks for many identifiers."""

    def __init__(self) -> None:
        self.platforms: dict[str, list[Recipient]] = {}
        self.suffixes: dict[str, list[Recipient]] = {}
        self.police: list[Recipient] = []
        for recipient in Recipient.objects.filter(active=True).order_by("key"):
            self._file(recipient)

    def _file(self, recipient: Recipient) -> None:
        if recipient.kind == RecipientKind.POLICE:
            self.police.append(recipient)
        if recipient.kind in ACTS_ON_PLATFORMS:
            for platform in recipient.platforms:
                self.platforms.setdefault(platform, []).append(recipient)
        for suffix in recipient.host_suffixes:
            self.suffixes.setdefault(suffix.lower().strip("."), []).append(recipient)

    def for_identifier(self, identifier: Identifier) -> list[Recipient]:
        """Who answers for it: its platform's desk; for a site or URL of the open web, its host by suffix."""
        if identifier.kind in ADDRESS_KINDS and identifier.platform not in self.platforms:
            return self.for_host(host_of(identifier.canonical))
        return self.platforms.get(identifier.platform, [])

    def for_host(self, host: str) -> list[Recipient]:
        """Recipients of the longest suffix that the host equals or lies below."""
        labels = host.lower().split(".")
        for start in range(len(labels)):
            found = self.suffixes.get(".".join(labels[start:]))
            if found:
                return found
        return []

    def police_for(self, city: str, country: str) -> list[Recipient]:
        """Police of the city; where it has none, police of the whole country. Nothing is guessed."""
        local = [row for row in self.police if city and city in row.cities]
        national = [row for row in self.police if country and _country(row) == country and not row.cities]
        return local or national

    def home_police(self) -> list[Recipient]:
        """National police of the hotline's own country: the way to police anywhere when no place is known."""
        return [row for row in self.police if _country(row) == settings.HOTLINE_COUNTRY and not row.cities]


def _country(recipient: Recipient) -> str:
    """Its country; a row without one stands for the hotline's own."""
    return recipient.country or settings.HOTLINE_COUNTRY


def host_of(canonical: str) -> str:
    """The host of a canonical site or URL (`host[:port][/path]`)."""
    return canonical.partition("/")[0].partition("?")[0].partition(":")[0]


def for_identifier(identifier: Identifier) -> list[Recipient]:
    """Who answers for one identifier; see `Directory` for many."""
    return Directory().for_identifier(identifier)


def police_for(city: str, country: str) -> list[Recipient]:
    """Police competent for a city (key of lib/places) or else a country (ISO code); possibly none."""
    return Directory().police_for(city, country)


def all_police() -> QuerySet[Recipient]:
    """Every police recipient a person may choose, by name."""
    return Recipient.objects.filter(active=True, kind=RecipientKind.POLICE).order_by("name")


def usable_route(recipient: Recipient) -> Route | None:
    """The confirmed e-mail route, the newest confirmation first; None where no person confirmed one."""
    routes = recipient.routes.filter(channel="email", confirmed_at__isnull=False).order_by(
        "-confirmed_at", "-pk"
    )
    return next((route for route in routes if ONE_ADDRESS.fullmatch(route.address)), None)


def recipients(kind: str = "", q: str = "") -> QuerySet[Recipient]:
    """The list page: all recipients with the number of their routes and of the confirmed ones."""
    rows = Recipient.objects.annotate(
        routes_count=Count("routes"),
        confirmed_count=Count("routes", filter=Q(routes__confirmed_at__isnull=False)),
    )
    if kind:
        rows = rows.filter(kind=kind)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(key__icontains=q))
    return rows.order_by("kind", "name")


def by_public_ids(public_ids: Iterable[str]) -> dict[str, Recipient]:
    """Active recipients by public id."""
    rows = Recipient.objects.filter(active=True, public_id__in=list(public_ids))
    return {row.public_id: row for row in rows}
