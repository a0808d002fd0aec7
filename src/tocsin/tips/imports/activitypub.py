"""ActivityPub `Flag` activities: what another server's moderators pass on. Nothing is fetched.

Objects stand by id or whole; they may hold each other in circles, so each id is read once and not for ever deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tocsin.tips.imports.documents import documents
from tocsin.tips.imports.jsonlines import short
from tocsin.tips.imports.source import Message, Rejected, Row, Skipped, Source

_MOST = 500  # objects of one activity
_INNER = ("object", "attributedTo", "items", "orderedItems", "tag", "context")
_TEXTS = ("name", "preferredUsername", "summary", "content")


def rows(source: Source) -> Iterator[Row]:
    """A message a Flag: alone, in an array, in a collection, or one a line. Other activities are skipped."""
    for found in documents(source):
        if isinstance(found, Rejected):
            yield found
            continue
        line, value = found
        for activity in _activities(value):
            yield _message(line, activity, source)


def _activities(value: Any) -> Iterator[Any]:
    items = value.get("orderedItems", value.get("items")) if isinstance(value, dict) else None
    if isinstance(items, list):
        yield from items
    else:
        yield value


def _message(line: int, value: Any, source: Source) -> Row:
    if not isinstance(value, dict):
        return Rejected(line, "no activity: a JSON object is expected")
    kinds = value.get("type")
    if "Flag" not in (kinds if isinstance(kinds, list) else [kinds]):
        return Skipped(line, "service") if kinds else Rejected(line, "no activity: type is missing")
    time = short(value.get("published"))
    try:
        at = source.clock.read(time)
    except ValueError:
        return Rejected(line, "published is no time")
    said = Walk()
    said.read(value.get("object"))
    text = "\n".join(part for part in (_content(value.get("content")), *said.lines) if part)
    if not text:
        return Rejected(line, "the Flag names no object and says nothing")
    return Message(
        line, text, reference(value.get("actor")), at, time, id=reference(value), pictures=said.pictures
    )


def reference(value: Any) -> str:
    """The id of an object that stands whole, or by its id; of several the first."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("id") or value.get("url")
    return short(value)


def _content(value: Any) -> str:
    return value if isinstance(value, str) else ""


class Walk:
    """Collects what the objects of a Flag are called and say, each once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pictures = 0
        self._seen: set[str] = set()
        self._read: set[str] = set()

    def read(self, value: Any) -> None:
        """Breadth first, so that a circle or a chain costs no stack."""
        waiting, count, seen = [value], 0, set[int]()
        while waiting and count < _MOST:
            one = waiting.pop(0)
            count += 1
            if isinstance(one, str):
                self._name(one)
            elif isinstance(one, list) and id(one) not in seen:
                seen.add(id(one))
                waiting += one[:_MOST]
            elif isinstance(one, dict) and id(one) not in seen:
                seen.add(id(one))
                waiting += self._object(one)

    def _name(self, name: str) -> None:
        name = name.strip()[:2000]
        if name and name not in self._seen:
            self._seen.add(name)
            self.lines.append(name)

    def _object(self, value: dict[str, Any]) -> list[Any]:
        """What is inside it and is still to be read."""
        name = reference(value)
        if name in self._read:
            return []
        if name:
            self._read.add(name)
            self._name(name)
        if isinstance(value.get("url"), str):
            self._name(value["url"])
        for text in filter(None, (_content(value.get(field)) for field in _TEXTS)):
            self.lines.append(text)
        attached = value.get("attachment")
        self.pictures += len(attached) if isinstance(attached, list) else int(isinstance(attached, dict))
        return [value[field] for field in _INNER if field in value]
