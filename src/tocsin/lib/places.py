"""Countries and cities as data: what to tell somebody whose child is in danger there, and which city a text names.

`data/places.toml` holds the facts, each with source and date; `data/cities.toml` further cities. A country without a row has no emergency data: the
pages then say to call the police of the place.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tocsin.lib.spellings import Spellings

FILE = Path(__file__).parent / "data" / "places.toml"
CITIES = FILE.with_name("cities.toml")
Names = dict[str, str]


@dataclass(frozen=True, slots=True)
class Country:
    """A country: ISO 3166-1 alpha-2 code, names by language (`en`, `fr`, `zh`), emergency numbers, helpline."""

    code: str
    names: Names
    police: tuple[str, ...]  # numbers to call in an emergency, best first
    police_source: str
    police_date: str
    helpline_name: str
    helpline_number: str  # empty: none known
    helpline_host: str  # plain text, shown without a link; empty: none known

    def name(self, language: str) -> str:
        """The country's name in the reader's language, else in English."""
        return _in(self.names, language)


@dataclass(frozen=True, slots=True)
class City:
    """A city: its key in our data, its country, and every spelling by which texts name it."""

    key: str
    country: str
    region: str
    names: Names
    aliases: tuple[str, ...]
    ambiguous: bool = False  # a name is a common word as well: texts are searched for the aliases alone

    @property
    def spellings(self) -> tuple[str, ...]:
        """What a text is searched for."""
        return self.aliases if self.ambiguous else (*self.names.values(), *self.aliases)

    def name(self, language: str) -> str:
        """The city's name in the reader's language, else in English."""
        return _in(self.names, language)


@dataclass(frozen=True, slots=True)
class Emergency:
    """What the public form says when a child is in danger now."""

    country: str  # the country's name in the reader's language; empty: unknown
    advice: str
    police: tuple[str, ...]
    helpline_name: str
    helpline_number: str
    helpline_host: str


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _more_cities() -> dict[str, Any]:
    return tomllib.loads(CITIES.read_text(encoding="utf-8"))


def version() -> str:
    """The date of the data."""
    return str(_data()["version"])


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """Every country of the data, by code, in the order of the file."""
    return {row["code"]: _country(row) for row in _data()["country"]}


def _country(row: dict[str, Any]) -> Country:
    police, helpline = row["police"], row["helpline"]
    return Country(
        code=row["code"],
        names=row["names"],
        police=tuple(police["numbers"]),
        police_source=police["source"],
        police_date=str(police["date"]),
        helpline_name=helpline["name"],
        helpline_number=helpline["number"],
        helpline_host=helpline["host"],
    )


def country(code: str) -> Country | None:
    """The country of this code (any case), or None."""
    return countries().get(code.upper())


def emergency(code: str, language: str = "en") -> Emergency:
    """The advice for a country, in the reader's language; for an unknown code the general advice, no numbers."""
    advice, found = _data()["advice"], country(code)
    if found is None or not found.police:
        return Emergency("", _in(advice["unknown_country"], language), (), "", "", "")
    words = _in(advice, language).format(police=" / ".join(found.police))
    return Emergency(
        found.name(language),
        words,
        found.police,
        found.helpline_name,
        found.helpline_number,
        found.helpline_host,
    )


@lru_cache(maxsize=1)
def cities() -> dict[str, City]:
    """Every city of the data, by key."""
    return {row["key"]: _city(row) for row in (*_data()["city"], *_more_cities()["city"])}


def _city(row: dict[str, Any]) -> City:
    aliases = tuple(row.get("aliases", ()))
    return City(row["key"], row["country"], row["region"], row["names"], aliases, row.get("ambiguous", False))


def city(key: str) -> City | None:
    """The city of this key, or None."""
    return cities().get(key)


def city_name(key: str, language: str = "en") -> str:
    """The city's name in the reader's language; the key itself where it is unknown."""
    found = city(key)
    return found.name(language) if found else key


def cities_in(text: str) -> list[str]:
    """Keys of the cities that a text names, each once, in the order of their first mention.

    Compared without regard to case and accents; a spelling in Latin letters is a word of its own. A name that is
    a common word as well is not looked for, see `data/cities.toml`.
    """
    return _spellings().keys_in(text)


@lru_cache(maxsize=1)
def _spellings() -> Spellings:
    pairs = [(spelling, one.key) for one in cities().values() for spelling in one.spellings]
    return Spellings(pairs, nothing=_more_cities()["not_cities"])


def _in(names: Names, language: str) -> str:
    return names.get(language.split("-", 1)[0]) or names["en"]
