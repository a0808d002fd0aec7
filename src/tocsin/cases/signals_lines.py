"""Where a key of a TOML file stands, so that an error can name its line (tomllib forgets it)."""

from __future__ import annotations

import re

HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"\s*([\w\-]+)\s*=")


class Lines:
    """Lines of tables, of the rows of `[[arrays]]` and of their keys, by path: ("signal", 2, "lane")."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[str | int, ...], int] = {(): 1}
        self._rows: dict[str, int] = {}
        here: tuple[str | int, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := HEADER.match(line):
                here = self._open(header[2], array=header[1] == "[[")
                self._found.setdefault(here, number)
            elif key := KEY.match(line):
                self._found.setdefault((*here, key[1]), number)

    def _open(self, name: str, array: bool) -> tuple[str | int, ...]:
        first, *rest = name.split(".")
        if array and not rest:
            self._rows[first] = self._rows.get(first, -1) + 1
        return (first, self._rows[first], *rest) if first in self._rows else (first, *rest)

    def of(self, path: tuple[str | int, ...]) -> int:
        """The line of the path; of what is missing, the line of the table in which it should stand."""
        while path not in self._found:
            path = path[:-1]
        return self._found[path]
