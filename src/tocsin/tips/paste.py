"""Read what a person pastes or keeps in a file: JSON lines, plain text with one message a line, a pasted chat.

Each message becomes one `Incoming`; a line that cannot be read is named with its reason and the others go on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tocsin.tips.accept import Incoming
from tocsin.tips.text import encodable

_OBJECT = re.compile(r'\s*\{\s*(?:"|\})')  # a brace in a message is no JSON


@dataclass(frozen=True, slots=True)
class Line:
    """One message: where it stood (1-based), its own id or none, and what it says or why it was refused.

    `said_at` is the time in a chat's head, as it stands there: of no zone, possibly to come.
    """

    number: int
    id: str
    incoming: Incoming | None
    reason: str = ""
    said_at: datetime | None = None


_NEW_LINE = re.compile(r"\r\n|\n|\r")

# "[2026/11/20 21:03] name: text" · "20/11/2026, 21:03 - Name: text" · "2026-11-20 21:03:12 name: text"
_DATE = r"(?P<date>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
_TIME = r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?)"
_INLINE = re.compile(
    rf"^[\[［(]?{_DATE},?\s+{_TIME}[\])］]?\s*[-–—]?\s*(?P<name>[^:：\n]{{1,60}})[:：]\s?(?P<text>.*)$"
)
# "name 2026-11-20 21:03:12" alone on a line, the message below it (QQ and WeChat paste)
_HEADING = re.compile(rf"^(?P<name>\S.{{0,58}}?)\s+{_DATE}\s+{_TIME}\s*$")


def parse(text: str) -> Iterator[Line]:
    """The messages of a file, in order. The kind of file is seen from its first lines."""
    # not splitlines(): a JSON string may hold U+2028 or U+0085, and a message may hold a form feed
    lines = _NEW_LINE.split(text.removeprefix("\ufeff"))
    if not lines[-1]:
        lines.pop()  # the file's last line end begins no line
    if any(_OBJECT.match(line) for line in lines[:50]):
        yield from _json_lines(lines)
    elif _looks_like_chat(lines):
        yield from _chat(lines)
    else:
        yield from _plain(lines)


def _plain(lines: list[str]) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        yield Line(number, str(number), Incoming(text=line, source="process"))


def _json_lines(lines: list[str]) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _from_object(number, json.loads(line))
        except json.JSONDecodeError as error:
            yield Line(number, str(number), None, f"not JSON: {error.msg} at column {error.colno}")
        except (RecursionError, ValueError) as error:
            yield Line(number, str(number), None, f"cannot be used: {error}"[:200])


FIELDS = ("source", "contact", "where", "what", "danger", "about", "place", "city", "sender", "language")
TEXT_NAMES = ("text", "message", "body", "content", "narrative")
TIME_NAMES = ("received_at", "time", "date", "timestamp", "at")
_DANGER = {
    "true": "yes",
    "yes": "yes",
    "oui": "yes",
    "是": "yes",
    "false": "no",
    "no": "no",
    "non": "no",
    "否": "no",
}


def _from_object(number: int, value: Any) -> Line:
    if not isinstance(value, dict):
        raise ValueError("a line must be a JSON object with a field text")
    text = next((value[name] for name in TEXT_NAMES if name in value), None)
    if not isinstance(text, str):
        raise ValueError("the field text is missing")
    fields: dict[str, Any] = {name: _short(value[name]) for name in FIELDS if value.get(name) is not None}
    fields.setdefault("language", _short(value.get("lang", "")))
    fields.setdefault("source", "process")
    fields["danger"] = _danger(fields.get("danger", ""))
    if fields.get("about") not in ("me", "known", "no"):
        fields.pop("about", None)
    moment = next((value[name] for name in TIME_NAMES if value.get(name)), None)
    incoming = Incoming(text=text, received_at=_moment(moment), **fields)
    name = value.get("id")
    return Line(number, encodable(str(number if name is None else name)), incoming)


def _short(value: Any) -> str:
    """Fields beside the text are codes and short answers: anything else is read as its text."""
    return str(value)[:500]


def _danger(word: str) -> str:
    """yes, unsure or no; another word counts as not answered."""
    code = _DANGER.get(word.strip().lower(), word.strip().lower())
    return code if code in ("yes", "unsure", "no") else ""


def _moment(value: Any) -> datetime | None:
    """RFC 3339, or seconds since 1970; without a zone it is UTC. What lies ahead counts as now."""
    if value is None:
        return None
    try:
        found = (
            datetime.fromtimestamp(value, UTC)
            if isinstance(value, int | float)
            else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        )
    except (ValueError, OverflowError, OSError):
        raise ValueError("the time cannot be read: write it like 2026-11-20T21:03:00Z") from None
    if found.year < 1970:  # year 1 is how some exports say "none", and no database takes it in every zone
        raise ValueError("the time lies before 1970: leave it out where it is not known")
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return min(found, datetime.now(UTC))


def _looks_like_chat(lines: list[str]) -> bool:
    filled = [line for line in lines if line.strip()][:200]
    heads = sum(1 for line in filled if _INLINE.match(line) or _HEADING.match(line))
    return heads >= 2 and heads * 6 >= len(filled)


def _chat(lines: list[str]) -> Iterator[Line]:
    """A message runs from its head to the next one."""
    head: tuple[int, str, datetime | None] | None = None
    body: list[str] = []
    for number, line in enumerate(lines, 1):
        inline, heading = _INLINE.match(line), _HEADING.match(line)
        found = inline or heading
        if found is None:
            body.append(line)
            continue
        yield from _message(head, body)
        head = (number, found["name"].strip(), _chat_time(found["date"], found["time"]))
        body = [inline["text"]] if inline else []
    yield from _message(head, body)


def _message(head: tuple[int, str, datetime | None] | None, body: list[str]) -> Iterator[Line]:
    text = "\n".join(body).strip()
    if head is None:
        if text:  # words above the first message are kept: nothing is lost
            yield Line(1, "1", Incoming(text=text, source="chat"))
        return
    number, name, said_at = head
    moment = min(said_at.replace(tzinfo=UTC), datetime.now(UTC)) if said_at else None
    incoming = Incoming(text=text, source="chat", sender=name, received_at=moment)
    yield Line(number, str(number), incoming, said_at=said_at)


def _chat_time(date: str, clock: str) -> datetime | None:
    """Day first where the year stands last (as WhatsApp writes outside the United States); of no zone."""
    numbers = [int(part) for part in re.findall(r"\d+", date)]
    year, month, day = numbers if numbers[0] > 31 else (numbers[2], numbers[1], numbers[0])
    if month > 12:
        month, day = day, month
    hour, minute, *rest = (int(part) for part in re.findall(r"\d+", clock))
    if "p" in clock.lower() and hour < 12:
        hour += 12
    try:
        return datetime(year + 2000 * (year < 100), month, day, hour, minute, rest[0] if rest else 0)
    except ValueError:
        return None
