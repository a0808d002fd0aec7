"""JSON files of several documents: one document, an array of them, or one a line."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from tocsin.tips.imports.jsonstream import Reader
from tocsin.tips.imports.source import LINE_MOST, Broken, Rejected, Source


def documents(source: Source) -> Iterator[tuple[int, Any] | Rejected]:
    """(line, value) of each document; a line that is no JSON is refused and the next one is read."""
    if _a_line_each(source):
        yield from _lines(source)
        return
    reader = Reader(source)
    try:
        if reader.peek() == "[":
            for line in reader.items():
                yield line, reader.value()
        while reader.peek():
            yield reader.line, reader.value()
    except Broken as error:
        yield Rejected(error.line, error.reason, fatal=True)


def _a_line_each(source: Source) -> bool:
    """Whether one of the first lines is a whole object: a document of several lines has none."""
    seen = 0
    for _number, line in source.lines():
        if not line.strip():
            continue
        seen += 1
        if seen > 20 or (seen == 1 and line.strip()[0] == "[") or line.strip() == "{":
            return False
        with contextlib.suppress(ValueError, RecursionError):
            if isinstance(json.loads(line), dict):
                return line[:1] == "{" or seen == 1  # not an item of a document that is written in lines
    return False


def _lines(source: Source) -> Iterator[tuple[int, Any] | Rejected]:
    for number, line in source.lines():
        if not line.strip():
            continue
        if len(line) > LINE_MOST:
            yield Rejected(number, "the line is longer than 1 MB")
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            yield Rejected(number, f"not JSON: {error.msg} at column {error.colno}")
        except RecursionError:
            yield Rejected(number, "nested too deeply")
        except ValueError as error:
            yield Rejected(number, f"cannot be used: {error}"[:200])
