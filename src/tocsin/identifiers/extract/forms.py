"""One form of a platform: how it is written in an address, and the canonical text that comes out.

The little language of `at`: `host/path?name={field}#{field}`. A form that begins with "/" belongs to every
host of its platform. `{field}` stands for the field's character set, a path matches from its start up to a
segment's end (more segments may follow) and `$` at the end forbids more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import Hit
from .resolvers import RESOLVERS

FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(slots=True)
class Form:
    """A row of a platform file. `contains` are the forms of its containers, filled from the same fields."""

    id: str
    kind: str
    platform: str
    canonical: str
    strength: str
    rule: str
    lower: bool = True
    drop: str = ""
    resolve: str | None = None
    phone: str | None = None
    url: str | None = None
    contains: list[Form] = field(default_factory=list)
    fields: Mapping[str, str] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    guarded: set[str] = field(
        default_factory=set
    )  # fields that are a whole first segment: no reserved word there
    parts: tuple[
        str, ...
    ] = ()  # the canonical text taken apart once: literal, field, literal, field, … literal

    def __post_init__(self) -> None:
        self.parts = tuple(FIELD.split(self.canonical))

    def hits(self, values: Mapping[str, str]) -> list[Hit] | None:
        """Its own hit and those of its containers; None where arithmetic or a reserved word refuses."""
        own = self._own(values)
        if own is None:
            return None
        hits = [own]
        for container in self.contains:
            other = container._own(values)
            if other is not None:
                hits.append(other)
        if self.phone and (number := _e164(values.get(self.phone, ""))):
            hits.append(Hit("phone", "phone", number, "strong", self.rule))
        return hits

    def _own(self, values: Mapping[str, str]) -> Hit | None:
        if self.resolve:
            solved = RESOLVERS[self.resolve](dict(values))
            if solved is None:
                return None
            values = solved
        parts = self.parts
        text = parts[0]
        for index in range(1, len(parts), 2):
            name = parts[index]
            value = values.get(name)
            if not value or (name in self.guarded and value.lower() in self.reserved):
                return None
            if self.drop:
                value = value.replace(self.drop, "")
            text += (value.lower() if self.lower else value) + parts[index + 1]
        return Hit(self.kind, self.platform, text, self.strength, self.rule)


def _e164(digits: str) -> str | None:
    digits = "".join(c for c in digits if c.isdigit())
    return "+" + digits if 7 <= len(digits) <= 15 and digits[0] != "0" else None


@dataclass(slots=True)
class Place:
    """One `at` of a form, taken apart: host pattern, first literal segment, path, query, fragment."""

    form: Form
    host: str
    path: str
    query: dict[str, str]
    fragment: str | None
    exact: bool
    _path: re.Pattern[str] | None = None
    _values: dict[str, re.Pattern[str]] | None = None

    @property
    def first(self) -> str:
        """The first segment where it is a literal, lower-case; else empty."""
        segment = self.path[1:].split("/", 1)[0]
        return "" if "{" in segment else segment.lower()

    def match(self, path: str, query: Mapping[str, str], fragment: str) -> dict[str, str] | None:
        """The fields, if path (decoded), query and fragment all fit."""
        pattern = self._path or self._compile()
        found = pattern.match(path)
        if not found:
            return None
        values = found.groupdict()
        for name, expression in (self._values or {}).items():
            value = fragment if name == "#" else query.get(name)
            part = None
            if value is not None:
                part = expression.match(value) if name == "#" else expression.fullmatch(value)
            if part is None:
                return None
            values.update(part.groupdict())
        return values

    def _compile(self) -> re.Pattern[str]:
        """Expressions are made when first needed: a run uses few of them, and starting must be quick."""
        fields = self.form.fields
        self._path = re.compile(
            _source(self.path.rstrip("/"), fields) + (r"/?$" if self.exact else r"(?=/|$)")
        )
        self._values = {name: value_regex(template, fields) for name, template in self.query.items()}
        if self.fragment is not None:
            self._values["#"] = value_regex(self.fragment, fields)
        return self._path


def value_regex(template: str, fields: Mapping[str, str]) -> re.Pattern[str]:
    """A template (literal text and fields) as a regular expression."""
    return re.compile(_source(template, fields))


def _source(template: str, fields: Mapping[str, str]) -> str:
    parts, at, seen = [], 0, set[str]()
    for hole in FIELD.finditer(template):
        parts.append(_literal(template[at : hole.start()]))
        name = hole[1]
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{fields[name]})")
        seen.add(name)
        at = hole.end()
    return "".join(parts) + _literal(template[at:])


def _literal(text: str) -> str:
    return f"(?i:{re.escape(text)})" if text else ""


def place(form: Form, template: str) -> Place:
    """Take an `at` apart."""
    rest, _, fragment = template.partition("#")
    rest, _, query = rest.partition("?")
    exact = rest.endswith("$")
    rest = rest.removesuffix("$")
    scheme, separator, tail = rest.partition("://")
    host, slash, path = (tail if separator else rest).partition("/")
    pairs = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    if whole := FIELD.fullmatch(path.partition("/")[0]):
        form.guarded.add(whole[1])
    return Place(
        form,
        f"{scheme}://{host}" if separator else host,
        slash + path,
        pairs,
        fragment if "#" in template else None,
        exact,
    )
