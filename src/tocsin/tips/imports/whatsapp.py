"""WhatsApp's chat export (`.txt`): Android and iOS, in the many ways in which telephones write dates and times.

Android:  `20/11/2026, 21:03 - Lin: text`     iOS:  `[20.11.26, 21:03:12] Lin: text`
A line that begins no message belongs to the one above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tocsin.tips.imports.clock import ORDERS, twelve, year_of
from tocsin.tips.imports.media import without_media
from tocsin.tips.imports.source import Message, Rejected, Row, Skipped, Source, Unclear

_MARKS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_BLANKS = str.maketrans("\u00a0\u202f\u2009\u3000", "    ")
_MORNING = r"a\.? ?m\b\.?|上午|凌晨|清晨|早上|午前|오전|ص|vorm\.|de\.|sa\b|öö|पूर्वाह्न|π\.?μ\.?"
_EVENING = r"p\.? ?m\b\.?|下午|中午|晚上|傍晚|午後|午后|오후|م|nachm\.|du\.|ch\b|ös|अपराह्न|μ\.?μ\.?"
_HALF = rf"{_MORNING}|{_EVENING}"
_HEAD = re.compile(
    r"(?P<ios>\[)?(?P<a>\d{1,4})(?P<dot>\. ?|[/-]|[年년] ?)(?P<b>\d{1,2})(?:\. ?|[/-]|[月월] ?)(?P<c>\d{1,4})[.日일]?"
    r"[,،]? ?(?:(?:à|klo|at|um|kl\.|às|om) )?"
    rf"(?P<before>{_HALF})? ?(?P<h>\d{{1,2}})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d))? ?(?P<after>{_HALF})?"
    r"(?(ios)\] ?|(?: [-–] |, (?=[^,:]{1,60} : )))",
    re.IGNORECASE,
)
_IS_MORNING = re.compile(_MORNING, re.IGNORECASE)
_SAID = re.compile(r"([^:\n]{1,100}?) ?:(?: |$)(.*)", re.DOTALL)
_HEAD_MOST = 60


class Head(NamedTuple):
    """The beginning of a message: three numbers of its date, its time, and the rest of the line."""

    date: tuple[int, int, int]
    dotted: bool
    clock: tuple[int, int, int]
    rest: str


def head(line: str) -> Head | None:
    """What a line that begins a message says; None for any other line."""
    if not any(character.isdecimal() for character in line[:6]):
        return None
    start, places = _without_marks(line[:_HEAD_MOST])
    found = _HEAD.match(start)
    if found is None:
        return None
    half = found["before"] or found["after"] or ""
    hour = int(found["h"])
    if half and not (half == "中午" and hour < 12):
        hour = twelve(hour, "a" if _IS_MORNING.match(half) else "p")
    rest = line[places[found.end()] :]
    return Head(
        (int(found["a"]), int(found["b"]), int(found["c"])),
        found["dot"].startswith("."),
        (hour, int(found["m"]), int(found["s"] or 0)),
        rest,
    )


def _without_marks(start: str) -> tuple[str, list[int]]:
    """The text without direction marks, its blanks as blanks; and where each character stood."""
    places = [place for place, character in enumerate(start) if character not in _MARKS]
    text = "".join(start[place] for place in places).translate(_BLANKS)
    return text, [*places, len(start)]


def rows(source: Source) -> Iterator[Row]:
    """The messages of one chat; what WhatsApp itself wrote and media without a caption are skipped."""
    order = source.options.date_order or _order(source)
    begun: tuple[int, Head] | None = None
    lines: list[str] = []
    size = 0
    for number, line in source.lines():
        found = head(line)
        if found is None:
            if size <= 2 * 65_536:  # enough to be refused for its length
                lines.append(line)
                size += len(line) + 1
            continue
        yield from _message(begun, lines, order, source)
        begun, lines, size = (number, found), [found.rest], len(found.rest)
    if begun is None:
        raise Unclear("No message of a WhatsApp export was found in the file: it should have lines such as "
                      "20/11/2026, 21:03 - Lin: text.")  # fmt: skip
    yield from _message(begun, lines, order, source)


def _message(begun: tuple[int, Head] | None, lines: list[str], order: str, source: Source) -> Iterator[Row]:
    if begun is None:
        if any(line.strip() for line in lines):
            yield Rejected(1, "text before the first message")
        return
    number, found = begun
    said = _SAID.match("\n".join(lines))
    if said is None:
        yield Skipped(number, "service")
        return
    text, pictures = without_media(said[2])
    if pictures and not text:
        yield Skipped(number, "media")
        return
    try:
        local = _local(found, order)
    except ValueError:
        yield Rejected(number, f"there is no such date or time (read as {order})")
        return
    sender = (
        "".join(character for character in said[1] if character not in _MARKS).strip().lstrip("~").strip()
    )
    at = source.clock.aware(local)
    yield Message(number, text, sender, at, local.isoformat(), pictures=pictures)


def _local(found: Head, order: str) -> datetime:
    a, b, c = found.date
    first = order if a < 32 else "ymd"
    year, month, day = {"dmy": (c, b, a), "mdy": (c, a, b), "ymd": (a, b, c)}[first]
    year = year_of(year)
    return datetime(year - 543 if year > 2400 else year, month, day, *found.clock)


def _order(source: Source) -> str:
    """The one order of day and month in which all dates exist; else the one in which they never go back."""
    possible, backwards = set(ORDERS), dict.fromkeys(ORDERS, 0)
    last: dict[str, datetime] = {}
    example = ""
    for _number, line in source.lines():
        found = head(line)
        if found is None:
            continue
        a, b, _c = found.date
        if a > 31:
            return "ymd"
        if found.dotted:
            return "dmy"
        example = example or "/".join(map(str, found.date))
        possible.discard("ymd")  # a year of two digits stands first nowhere
        if a > 12:
            possible.discard("mdy")
        if b > 12:
            possible.discard("dmy")
        for order in possible:
            _walk(found, order, last, backwards)
    if not example:
        return "dmy"  # no message: `rows` says it
    if len(possible) == 1:
        return possible.pop()
    steady = [order for order in possible if not backwards[order]]
    if len(steady) == 1:
        return steady[0]
    raise Unclear(
        f"Day or month first? The dates (such as {example}) can be read in both ways: say --date-order dmy or "
        "--date-order mdy. Nothing was imported."
    )


def _walk(found: Head, order: str, last: dict[str, datetime], backwards: dict[str, int]) -> None:
    try:
        now = _local(found, order).replace(hour=0, minute=0, second=0)
    except ValueError:
        return
    backwards[order] += order in last and now < last[order]
    last[order] = now
