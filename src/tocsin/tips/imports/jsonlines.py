"""JSON lines (or an array, or one document) of messages, with the same names of fields as `tocsin process`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tocsin.tips.imports.documents import documents
from tocsin.tips.imports.source import Message, Rejected, Row, Source
from tocsin.tips.paste import FIELDS, TEXT_NAMES, TIME_NAMES

_OURS = tuple(name for name in FIELDS if name not in ("source", "sender"))


def rows(source: Source) -> Iterator[Row]:
    """A message a document; one without a text is refused."""
    for found in documents(source):
        yield found if isinstance(found, Rejected) else _message(*found, source)


def _message(line: int, value: Any, source: Source) -> Row:
    if not isinstance(value, dict):
        return Rejected(line, "a line must be a JSON object with a field text")
    wanted = source.options.columns
    text = _of(value, (wanted["text"],) if "text" in wanted else TEXT_NAMES)
    if not isinstance(text, str):
        return Rejected(line, "the field text is missing")
    names = (wanted["time"],) if "time" in wanted else ("occurred_at", *TIME_NAMES)
    time = short(_of(value, names))
    try:
        at = source.clock.read(time)
    except ValueError as error:
        return Rejected(line, str(error)[:200])
    fields = {name: short(value.get(wanted.get(name, name))) for name in _OURS}
    fields["language"] = fields["language"] or short(value.get("lang"))
    sender = short(value.get(wanted.get("sender", "sender")))
    chat, name = short(value.get(wanted.get("chat", "chat"))), short(value.get(wanted.get("id", "id")))
    return Message(line, text, sender, at, time, chat, name, fields={k: v for k, v in fields.items() if v})


def _of(value: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def short(value: Any) -> str:
    """Fields beside the text are codes and short answers: anything else is read as its text."""
    return str(value)[:500] if isinstance(value, str | int | float) else ""
