"""Whom to call: police and helplines of every country, and a guess at the reporter's country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from tocsin.lib import places

_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Help:
    """Of one country: its name in the reader's language, the police's numbers, the helpline if one is known."""

    code: str
    name: str
    numbers: tuple[str, ...]
    helpline: str
    helpline_number: str
    helpline_host: str  # shown as text, never as a link

    @property
    def dial(self) -> str:
        """The helpline's number as a telephone wants it."""
        return re.sub(r"[^\d+]", "", self.helpline_number)

    @property
    def css(self) -> str:
        """Shown by door.css while this country is chosen in the form's menu."""
        return f"place place-{self.code.lower()}"


@lru_cache(maxsize=16)
def countries(language: str) -> tuple[Help, ...]:
    """Every country of the data, by name in this language."""
    helps = [_help(country, language) for country in places.countries().values()]
    return tuple(sorted(helps, key=lambda entry: entry.name.casefold()))


@lru_cache(maxsize=16)
def _by_code(language: str) -> dict[str, Help]:
    return {entry.code: entry for entry in countries(language)}


def as_of() -> str:
    """The date of the data."""
    return places.version()


def for_request(request: HttpRequest, chosen: str, language: str) -> Help | None:
    """The help of the country chosen, else the hotline's own, else the region that the browser asks for."""
    known = _by_code(language)
    region = _REGION.search(request.headers.get("Accept-Language", ""))
    for code in (chosen, settings.HOTLINE_COUNTRY, region[1] if region else ""):
        if code.upper() in known:
            return known[code.upper()]
    return None


def _help(country: places.Country, language: str) -> Help:
    return Help(
        country.code,
        country.name(language),
        country.police,
        country.helpline_name,
        country.helpline_number,
        country.helpline_host,
    )
