"""Telegram Desktop's `result.json`: one chat, or a full export with all chats. Read as a stream."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import Any

from tocsin.tips.imports.jsonstream import Reader
from tocsin.tips.imports.source import Broken, Message, Rejected, Row, Skipped, Source, Unclear

_MEDIA = ("photo", "file", "media_type", "location_information", "contact_information", "poll", "game_title")
_LISTS = ("chats", "left_chats")


def rows(source: Source) -> Iterator[Row]:
    """The messages of every chat in the file; service messages and media without a caption are skipped."""
    reader = Reader(source)
    try:
        if reader.peek() != "{":
            raise Unclear("This is no result.json of Telegram Desktop: it does not begin with {.")
        seen = yield from _chat(reader, source)
    except Broken as error:
        yield Rejected(error.line, error.reason, fatal=True)
        return
    if not seen:
        raise Unclear("There is no list of messages in the file: export the chat as JSON (machine-readable).")


def _chat(reader: Reader, source: Source) -> Generator[Row, None, bool]:
    """One chat's object, or the outermost object. Returns whether it has messages."""
    name, number, seen = "", "", False
    for key in reader.names():
        if key == "id":
            number = _name(reader.value())
        elif key == "name" and reader.peek() == '"':
            name = _name(reader.value())
        elif key == "messages" and reader.peek() == "[":
            seen = True
            yield from _messages(reader, number or name, source)
        elif key in _LISTS and reader.peek() == "{":
            seen = (yield from _list(reader, source)) or seen
        else:
            reader.skip()
    return seen


def _list(reader: Reader, source: Source) -> Generator[Row, None, bool]:
    seen = False
    for key in reader.names():
        if key != "list" or reader.peek() != "[":
            reader.skip()
            continue
        for _line in reader.items():
            if reader.peek() == "{":
                seen = (yield from _chat(reader, source)) or seen
            else:
                reader.skip()
    return seen


def _messages(reader: Reader, chat: str, source: Source) -> Iterator[Row]:
    for line in reader.items():
        value = reader.value()
        if not isinstance(value, dict):
            yield Rejected(line, "a message must be an object")
        elif value.get("type", "message") != "message":
            yield Skipped(line, "service")
        else:
            yield _message(line, value, chat, source)


def _message(line: int, value: dict[str, Any], chat: str, source: Source) -> Row:
    """A message; of media only the caption."""
    media = any(name in value for name in _MEDIA)
    text = _text(value.get("text", "")) or _text(value.get("text_entities", ""))
    if media and not text.strip():
        return Skipped(line, "media")
    try:
        at = _time(value, source)
    except ValueError:
        return Rejected(line, "the time cannot be read")
    sender = _name(value.get("from_id") or value.get("from"))
    said = _name(value.get("date_unixtime") or value.get("date"))
    return Message(line, text, sender, at, said, chat, _name(value.get("id")), pictures=int(media))


def _time(value: dict[str, Any], source: Source) -> datetime | None:
    """`date_unixtime` where the export has it; older ones write the local time of the exporting computer only."""
    unix = value.get("date_unixtime")
    if unix is not None and str(unix).lstrip("-").isdecimal():
        return source.clock.aware(_unix(int(unix)))
    return source.clock.read(_name(value.get("date")))


def _unix(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC) if seconds > 0 else datetime.min.replace(tzinfo=UTC)


def _text(value: Any) -> str:
    """A text, or a list of texts and entities; the address behind a linked word is written after it."""
    if isinstance(value, str):
        return value
    return "".join(_piece(piece) for piece in value) if isinstance(value, list) else ""


def _piece(piece: Any) -> str:
    if isinstance(piece, str):
        return piece
    if not isinstance(piece, dict) or not isinstance(piece.get("text"), str):
        return ""
    text, address = piece["text"], piece.get("href")
    return f"{text} ({address})" if isinstance(address, str) and address and address != text else str(text)


def _name(value: Any) -> str:
    return str(value)[:200] if isinstance(value, str | int) else ""
