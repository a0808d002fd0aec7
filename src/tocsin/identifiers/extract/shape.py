"""Whether the values of a platform file have the types that the catalogue reads: told before anything reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TEXTS, _TABLE, _TABLES = "a list of texts", "a table of texts", "a list of tables"
_FILE = {
    "hosts": _TEXTS,
    "reserved": _TEXTS,
    "fields": _TABLE,
    "form": _TABLES,
    "example": _TABLES,
    "title": "a text",
}
_FORM = {
    **dict.fromkeys(("case", "drop", "resolve", "phone", "url", "pattern", "needle", "platform"), "a text"),
    "at": _TEXTS,
    "contains": _TEXTS,
    "reserved": "true or false",
    "text": "a table",
}
_TEXT = {"cues": _TEXTS, "shy": _TEXTS, "reader": "a text", "field": "a text", "region": "a text"}
_EXAMPLE = {"text": "a text", "gives": _TEXTS}


def shape_problem(data: Mapping[str, Any], text: str) -> tuple[int, str] | None:
    """The line (0: unknown) of the first value that has the wrong type, and what it must be; None where all fit."""
    if problem := _wrong(data, _FILE):
        return _line(text, "", problem[0]), problem[1]
    for row in data.get("form", ()):
        if problem := _wrong(row, _FORM) or _wrong(row.get("text", {}), _TEXT):
            name = str(row.get("id", "?"))
            return _line(text, name, problem[0]), f"form {name}: {problem[1]}"
    for row in data.get("example", ()):
        if missing := _EXAMPLE.keys() - row.keys():
            return _line(text, "", "example"), f"an example lacks `{min(missing)}`"
        if problem := _wrong(row, _EXAMPLE):
            return _line(text, "", problem[0]), problem[1]
    return None


def _line(text: str, name: str, key: str) -> int:
    """Where the key stands: behind the form's id, else for the first time."""
    begin = max(text.find(f'"{name}"'), 0)
    found = re.compile(rf"^[ \t\[]*{key}\b|[{{,][ \t]*{key}\b", re.MULTILINE).search(text, begin)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _wrong(row: Mapping[str, Any], shapes: Mapping[str, str]) -> tuple[str, str] | None:
    for key, shape in shapes.items():
        if key in row and not _fits(row[key], shape):
            return key, f"`{key}` must be {shape}"
    return None


def _fits(value: Any, shape: str) -> bool:
    if shape == _TEXTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if shape == _TABLES:
        return isinstance(value, list) and all(isinstance(one, dict) for one in value)
    if shape == _TABLE:
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    kinds: dict[str, type] = {"a table": dict, "true or false": bool, "a text": str}
    return isinstance(value, kinds[shape])
