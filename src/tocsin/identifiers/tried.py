"""Try a text: what would be found in it, by which rule of which file, and what almost matches. Stores nothing."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count

from tocsin.identifiers.catalogue_in_use import extract, in_use
from tocsin.identifiers.extract import Found, Observation, display
from tocsin.identifiers.extract.catalogue import HERE
from tocsin.identifiers.extract.model import MAX_CHARACTERS
from tocsin.identifiers.extract.report import mixed_scripts
from tocsin.identifiers.kinds import kind_name
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.store import key_for
from tocsin.lib.visible import encodable, shown

NAMED = ("account", "group", "channel")
MOST = 40  # identifiers of one text whose near misses are looked up
Piece = tuple[str, Found | None]


@dataclass(frozen=True, slots=True)
class Result:
    """One identifier found, and why. `source` and `date` are empty where the rule is part of the program."""

    found: Found
    kind: str  # in words
    platform: str  # its title; empty for the plain web
    shown: str  # inert
    file: str
    form: str
    source: str
    date: str
    tips: int  # how many tips name it now


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A warning, never a merge. `scripts`: the name mixes them; else the same name stands on `platform`."""

    shown: str
    scripts: str = ""
    platform: str = ""
    tips: int | None = None  # stored, named by so many tips; None: it stands in this text as well


@dataclass(frozen=True, slots=True)
class Tried:
    """Everything the page shows."""

    pieces: list[Piece]
    results: list[Result]
    observations: tuple[Observation, ...]
    near: list[NearMiss]
    truncated: bool
    data_version: str


def try_text(text: str) -> Tried:
    """Read a text as a tip would be read, and say why. Looks identifiers up, writes nothing."""
    extraction = extract(text)
    every = [one for one in extraction.identifiers if encodable(one.canonical) == one.canonical]
    named = Identifier.objects.filter(key__in=[key_for(one) for one in every]).annotate(n=Count("mentions"))
    tips = dict(named.values_list("key", "n"))
    return Tried(
        pieces=_pieces(text, every),
        results=[_result(one, tips.get(key_for(one), 0)) for one in every],
        observations=extraction.observations,
        near=_near(text, every),
        truncated=extraction.truncated,
        data_version=extraction.data_version,
    )


def _pieces(text: str, every: list[Found]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for one in sorted(every, key=lambda found: (found.start, -found.end)):
        if one.start < at:
            continue  # a site inside its address: the longer span is shown
        pieces += [(shown(text[at : one.start]), None), (shown(text[one.start : one.end]), one)]
        at = one.end
    pieces.append((shown(text[at:]), None))
    return [piece for piece in pieces if piece[0]]


def _result(found: Found, tips: int) -> Result:
    file, _, form = found.rule.partition("#")
    source, date = _source(file)
    inert = display(found.kind, found.platform, found.canonical)
    return Result(found, kind_name(found.kind), _title(found.platform), inert, file, form, source, date, tips)


def _title(platform: str) -> str:
    known = in_use().platforms.get(platform)
    return "" if known is None or platform in ("web", "email", "phone", "unknown") else known.title


def _source(file: str) -> tuple[str, str]:
    """Source and date that a data file gives for itself; empty for a rule of the program."""
    folder, _, name = file.partition("/")
    if folder == "data":
        return _table_source(name)
    for platform in in_use().platforms.values():
        if folder == "platforms" and platform.file == name:
            return platform.source, platform.date
    return "", ""


@lru_cache(maxsize=16)
def _table_source(name: str) -> tuple[str, str]:
    table = HERE / "data" / name
    data = tomllib.loads(table.read_text(encoding="utf-8")) if table.is_file() else {}
    return str(data.get("source", "")), str(data.get("date", ""))


def _near(text: str, every: list[Found]) -> list[NearMiss]:
    here = {key_for(one) for one in every}
    near = _imitations(text[:MAX_CHARACTERS])
    for one in every[:MOST]:
        if one.kind in NAMED and one.strength in ("handle", "weak"):
            inert = display(one.kind, one.platform, one.canonical)
            elsewhere = _elsewhere(one)
            near += [
                NearMiss(inert, platform=_label(elsewhere[key])) for key in sorted(here & elsewhere.keys())
            ]
            near += _stored(inert, {key: value for key, value in elsewhere.items() if key not in here})
    return near


def _imitations(text: str) -> list[NearMiss]:
    """Words that mix letters which look alike. Looked for in the text: an address ends where its script does."""
    words = dict.fromkeys(word for word in re.findall(r"[\w-]+", text) if not word.isascii())
    mixed = [(word, " + ".join(scripts)) for word in words if len(scripts := mixed_scripts(word)) > 1]
    return [NearMiss(shown(word), scripts=scripts) for word, scripts in mixed[:MOST]]


def _stored(inert: str, elsewhere: dict[str, str]) -> list[NearMiss]:
    rows = Identifier.objects.filter(key__in=elsewhere).annotate(n=Count("mentions")).filter(n__gt=0)
    found = rows.order_by("platform", "kind").values_list("key", "n")
    return [NearMiss(inert, platform=_label(elsewhere[key]), tips=n) for key, n in found]


def _label(platform: str) -> str:
    return _title(platform) or platform


def _elsewhere(one: Found) -> dict[str, str]:
    """key -> platform of the same name under every form of every other platform that takes one name."""
    name = one.canonical.rpartition(":")[2].lstrip("@")
    found: dict[str, str] = {}
    for platform in in_use().platforms.values():
        for form in platform.forms:
            if (
                form.kind not in NAMED
                or form.platform == one.platform
                or form.resolve
                or len(form.parts) != 3
            ):
                continue
            field = form.parts[1]
            if re.fullmatch(form.fields.get(field, ".+"), name, re.IGNORECASE):
                for hit in (form.hits({field: name}) or [])[:1]:
                    found[key_of(*hit[:3])] = hit.platform
    return found
