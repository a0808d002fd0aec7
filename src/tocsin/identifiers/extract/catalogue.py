"""Platforms as data: read the TOML files, check them, and index them for the scanner.

A platform file is described in `platforms/README.md`. A directory of the hotline's own may add platforms or,
by using the name of a built-in one, replace it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from .cuewords import CueWords, TextRule, build_cue_words, handle_regex
from .forms import FIELD, Form, Place, place
from .model import KINDS, STRENGTHS
from .resolvers import RESOLVERS
from .shape import shape_problem
from .words import Words, load_words

HERE = Path(__file__).parent
_FORM_KEYS = {
    "id",
    "kind",
    "canonical",
    "strength",
    "case",
    "drop",
    "resolve",
    "phone",
    "url",
    "contains",
    "at",
    "text",
    "pattern",
    "needle",
    "platform",
    "reserved",
}
_FILE_KEYS = {"platform", "title", "source", "date", "hosts", "reserved", "fields", "form", "example"}


class CatalogueError(Exception):
    """A data file that cannot be used: which file, which line (0: unknown), why."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}" if line else f"{file}: {reason}")
        self.file, self.line, self.reason = file, line, reason


@dataclass(slots=True)
class HostRules:
    """What may stand behind a host: places by first literal segment, the others, and reserved words."""

    literal: dict[str, list[Place]] = field(default_factory=dict)
    variable: list[Place] = field(default_factory=list)
    reserved: set[str] = field(default_factory=set)
    names: str = ""  # the field that the leftmost label fills, for `{name}.example.com`

    def add(self, new: Place) -> None:
        """File a place; the order within a platform file is the order of trial."""
        if new.first:
            self.literal.setdefault(new.first, []).append(new)
        else:
            self.variable.append(new)


class Pattern(NamedTuple):
    """A form that stands in free text by its own shape (`STEAM_0:0:1`), tried only where `needle` occurs."""

    needle: str
    regex: re.Pattern[str]
    form: Form


@dataclass(frozen=True, slots=True)
class Platform:
    """One file, as `tocsin platforms` lists it."""

    id: str
    title: str
    source: str
    date: str
    hosts: tuple[str, ...]
    forms: tuple[Form, ...]
    examples: tuple[tuple[str, tuple[str, ...]], ...]
    file: str


@dataclass(slots=True)
class Catalogue:
    """Everything the scanner needs; `version` changes whenever a data file does."""

    platforms: dict[str, Platform]
    words: Words
    hosts: dict[str, HostRules] = field(default_factory=dict)
    wild: dict[str, HostRules] = field(default_factory=dict)
    prefixes: dict[str, HostRules] = field(default_factory=dict)
    schemes: frozenset[str] = frozenset()
    patterns: tuple[Pattern, ...] = ()
    cues: CueWords = field(default_factory=CueWords)
    version: str = ""
    known_hosts: dict[str, tuple[str, HostRules | None, str]] = field(default_factory=dict)

    def rules_for(self, host: str) -> tuple[HostRules | None, str]:
        """The rules of a host, and the label that a `{name}.` host gives."""
        rules = self.hosts.get(host)
        if rules is not None:
            return rules, ""
        first, _, parent = host.partition(".")
        if parent in self.wild:
            return self.wild[parent], first
        if first in ("m", "mobile", "wap", "amp", "web") and parent in self.hosts:
            return self.hosts[parent], ""
        return self.prefixes.get(first), ""


@lru_cache(maxsize=8)
def load_catalogue(extra_dir: Path | None = None) -> Catalogue:
    """The built-in platforms and those of `extra_dir`, loaded and checked once.

    Raises CatalogueError(file, line, reason) for a file that is not TOML or breaks a rule.
    """
    files = sorted((HERE / "platforms").glob("*.toml"))
    if extra_dir is not None:
        if not extra_dir.is_dir():
            raise CatalogueError(str(extra_dir), 0, "is not a directory")
        files += sorted(extra_dir.glob("*.toml"))
    digest = hashlib.blake2b(digest_size=6)
    words = load_words(HERE / "data")
    for table in sorted((HERE / "data").glob("*.toml")):
        digest.update(table.read_bytes())
    platforms: dict[str, Platform] = {}
    raw: dict[str, dict[str, Any]] = {}
    for file in files:
        content = file.read_bytes()
        digest.update(content)
        data = _parse(file, content)
        raw[data["platform"]] = data
        platforms[data["platform"]] = _platform(file, content.decode("utf-8", "replace"), data, words)
    catalogue = Catalogue(platforms, words, version=digest.hexdigest())
    _index(catalogue, raw)
    return catalogue


def _parse(file: Path, content: bytes) -> dict[str, Any]:
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CatalogueError(str(file), content[: error.start].count(b"\n") + 1, "is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        last = content.count(b"\n") + 1
        raise CatalogueError(str(file), int(line[1]) if line else last, str(error)) from error
    for key in ("platform", "source", "date"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise CatalogueError(str(file), 1, f"`{key}` is missing or not a text")
    for key in data.keys() - _FILE_KEYS:
        raise CatalogueError(str(file), _line(content.decode(), key), f"`{key}` is not known here")
    if problem := shape_problem(data, content.decode()):
        raise CatalogueError(str(file), *problem)
    return data


def _line(text: str, word: str) -> int:
    at = text.find(word)
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _platform(file: Path, text: str, data: dict[str, Any], words: Words) -> Platform:
    reserved = frozenset(data.get("reserved", ())) | words.reserved
    forms: dict[str, Form] = {}
    for row in data.get("form", ()):
        problem = _problem(row, data)
        name = str(row.get("id", "?"))
        if not problem and name in forms:
            problem = "two forms have this id"
        if problem:
            raise CatalogueError(str(file), _line(text, f'"{name}"'), f"form {name}: {problem}")
        forms[name] = Form(
            id=name,
            kind=row["kind"],
            platform=row.get("platform", data["platform"]),
            canonical=row["canonical"],
            strength=row["strength"],
            rule=f"platforms/{file.name}#{name}",
            lower=row.get("case", "lower") == "lower",
            drop=row.get("drop", ""),
            resolve=row.get("resolve"),
            phone=row.get("phone"),
            url=row.get("url"),
            fields=data.get("fields", {}),
            reserved=reserved if row.get("reserved", True) else frozenset(),
        )
    for row in data.get("form", ()):
        for other in row.get("contains", ()):
            if other not in forms:
                raise CatalogueError(str(file), _line(text, f'"{row["id"]}"'), f"no form {other} to contain")
            forms[row["id"]].contains.append(forms[other])
    examples = tuple((e["text"], tuple(e["gives"])) for e in data.get("example", ()))
    return Platform(
        data["platform"],
        data.get("title", data["platform"]),
        data["source"],
        str(data["date"]),
        tuple(data.get("hosts", ())),
        tuple(forms.values()),
        examples,
        file.name,
    )


def _problem(row: dict[str, Any], data: dict[str, Any]) -> str | None:
    """Why a form cannot be used, or None."""
    for key in ("id", "kind", "canonical", "strength"):
        if not isinstance(row.get(key), str):
            return f"`{key}` is missing"
    if unknown := row.keys() - _FORM_KEYS:
        return f"`{min(unknown)}` is not known here"
    if row["kind"] not in KINDS or row["strength"] not in STRENGTHS:
        return "`kind` or `strength` is not one of the known words"
    if row.get("case", "lower") not in ("lower", "keep"):
        return "`case` is lower or keep"
    if row.get("resolve") is not None and row["resolve"] not in RESOLVERS:
        return f"no resolver {row['resolve']}"
    return _field_problem(row, data.get("fields", {}))


def _field_problem(row: dict[str, Any], fields: dict[str, str]) -> str | None:
    templates = [*row.get("at", ()), *((row["pattern"],) if "pattern" in row else ())]
    for template in row.get("at", ()):
        for name in FIELD.findall(template):
            if name not in fields:
                return f"no field {name}"
    try:
        for source in fields.values():
            re.compile(source)
        if "pattern" in row:
            re.compile(row["pattern"])
    except re.error as error:
        return f"not a regular expression: {error}"
    if not templates and "text" not in row and not row.get("canonical"):
        return "neither `at`, `text` nor `pattern`"
    return None


def _index(catalogue: Catalogue, raw: dict[str, dict[str, Any]]) -> None:
    rules: list[TextRule] = []
    patterns: list[Pattern] = []
    schemes: set[str] = set()
    for platform in catalogue.platforms.values():
        forms = {form.id: form for form in platform.forms}
        for host in platform.hosts:
            _host_rules(catalogue, host).reserved |= set(raw[platform.id].get("reserved", ()))
        for row in raw[platform.id].get("form", ()):
            form = forms[row["id"]]
            for template in row.get("at", ()):
                schemes |= _file_place(catalogue, platform, place(form, template))
            if "pattern" in row:
                patterns.append(
                    Pattern(row.get("needle", "").lower(), re.compile(row["pattern"], re.I), form)
                )
            if "text" in row:
                rules.append(_text_rule(form, row["text"], platform.file))
    catalogue.schemes = frozenset(schemes)
    catalogue.patterns = tuple(patterns)
    catalogue.cues = build_cue_words(rules)


def _file_place(catalogue: Catalogue, platform: Platform, new: Place) -> set[str]:
    for host in [new.host] if new.host else platform.hosts:
        _host_rules(catalogue, host).add(new)
    return {new.host.partition("://")[0]} if "://" in new.host else set()


def _host_rules(catalogue: Catalogue, host: str) -> HostRules:
    """The (new) rules of a host pattern: exact, `*.domain`, `{field}.domain` or `label.*`."""
    first, _, rest = host.partition(".")
    if rest == "*":
        return catalogue.prefixes.setdefault(first, HostRules())
    if first == "*" or first.startswith("{"):
        rules = catalogue.wild.setdefault(rest, HostRules())
        rules.names = rules.names or first.strip("*{}")
        return rules
    return catalogue.hosts.setdefault(host, HostRules())


def _text_rule(form: Form, row: dict[str, Any], file: str) -> TextRule:
    reader = row.get("reader", "handle")
    name = row.get("field", "")
    if reader == "handle" and name not in form.fields:
        raise CatalogueError(file, 0, f"form {form.id}: text needs a field")
    regex = handle_regex(name, form.fields[name]) if reader == "handle" else None
    return TextRule(
        form,
        tuple(row.get("cues", ())),
        tuple(row.get("shy", ())),
        reader,
        name,
        regex,
        row.get("region", ""),
    )
