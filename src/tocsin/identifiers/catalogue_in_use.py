"""The platforms that this installation knows: the built-in ones and those of the hotline's own directory.

Every room reads texts through these functions, never through the package `extract` itself, so that a platform
which the hotline described (`TOCSIN_PLATFORMS_DIR`) counts everywhere. The data is loaded and checked once.
"""

from __future__ import annotations

from django.conf import settings

from tocsin.identifiers import extract as package
from tocsin.identifiers.extract import Catalogue, Extraction, Found, load_catalogue


def in_use() -> Catalogue:
    """The catalogue of this installation. Raises `CatalogueError` for a file that cannot be used (tocsin.E004)."""
    return load_catalogue(settings.PLATFORMS_DIR)


def data_version() -> str:
    """Changes whenever a data file does; readings and mentions keep the one they were made with (40 characters)."""
    return in_use().version[:40]


def extract(text: str) -> Extraction:
    """All identifiers and observations of a text."""
    return package.extract(text, catalogue=in_use())


def canonical_from(text: str) -> list[Found]:
    """What an analyst typed: an address, a sentence, or "platform: handle". Empty where nothing names a thing."""
    return package.canonical_from(text, catalogue=in_use())


def location(kind: str, platform: str, canonical: str) -> str | None:
    """The exact absolute address for the machine-readable part of a notice; None where there is none."""
    return package.location(kind, platform, canonical, catalogue=in_use())
