"""Where a case may belong: the subject's place, else the cities that its tips name. Nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from tocsin.cases import queries as cases
from tocsin.cases.models import Case
from tocsin.lib import places, sealing


@dataclass(frozen=True, slots=True)
class Place:
    """A city (key of lib/places) and a country (ISO code); either may be empty."""

    city: str
    country: str

    @classmethod
    def of_city(cls, city: str) -> Place:
        """A city with the country that it lies in."""
        known = places.city(city)
        return cls(city, known.country if known else "")

    def name(self) -> str:
        """The city, else the country, in the reader's language; the code where it is not in the data."""
        language = get_language() or "en"
        if self.city:
            return places.city_name(self.city, language)
        known = places.country(self.country)
        return known.name(language) if known else self.country


def place_of_subject(case: Case) -> Place | None:
    """Where the subject is, as an analyst recorded it; None if nobody did."""
    subject = sealing.unseal_json(case.subject_sealed) or {}
    city, country = subject.get("city") or "", subject.get("country") or ""
    if city:
        return Place(city, country or Place.of_city(city).country)
    return Place("", country) if country else None


def places_in_tips(case: Case) -> list[tuple[Place, int]]:
    """Cities that the tips name, with the number of tips, the most named first."""
    return [(Place.of_city(city), tips) for city, tips in cases.proposed_cities(case)]


def place_for(case: Case, city: str) -> Place | None:
    """What a referral says about the place: the subject's, else the city whose police are told."""
    return place_of_subject(case) or (Place.of_city(city) if city else None)
