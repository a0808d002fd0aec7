"""The shapes that leave this package: an identifier found, an observation, and both for one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MAX_CHARACTERS = 65_536
STRENGTHS = ("strong", "handle", "weak", "hub")
KINDS = ("account", "group", "channel", "post", "file", "site", "url", "email", "phone", "payment")


class Hit(NamedTuple):
    """What a rule names, before it is known where in the raw text it stands."""

    kind: str
    platform: str
    canonical: str
    strength: str
    rule: str


class Match(NamedTuple):
    """A Hit with its span in the cleaned text."""

    hit: Hit
    start: int
    end: int


class Found(NamedTuple):
    """One identifier in a text.

    `start` and `end` count code points of the raw text and `raw` is that slice. `cue` is a hint for the
    role ("self" or "victim"); `addressed` says that the words beside it thank, greet or credit somebody.
    `rule` names the file and form that made the result.
    """

    kind: str
    platform: str
    canonical: str
    strength: str
    raw: str
    start: int
    end: int
    cue: str | None
    addressed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Observation:
    """A fact beside an identifier: kind is fee, count, pgp or analytics.

    `value` is a decimal number as text, or an id. `unit` of a fee is an ISO 4217 code, or None where the
    sign alone does not tell (a bare yuan/yen sign). `period` is day, week, month, quarter, year, once or None.
    """

    kind: str
    value: str
    unit: str | None
    period: str | None
    raw: str
    start: int
    end: int


class Extraction(NamedTuple):
    """All that one text holds, with the version of the data that said so."""

    identifiers: tuple[Found, ...]
    observations: tuple[Observation, ...]
    data_version: str
    truncated: bool
