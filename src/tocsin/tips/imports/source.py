"""What a parser reads from and what it gives: messages, rows that it refuses, things that are no message."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

from tocsin.lib import decoding
from tocsin.lib.decoding import Decoding
from tocsin.tips.imports.clock import Clock

LINE_MOST = 1 << 20  # characters: no message is longer, and memory stays flat


class Message(NamedTuple):
    """One message: the line it begins in, what it says, and what tells it from all others.

    `time` is how the file writes its time: with chat, id, sender and text it is what makes the message the same
    one in another export. A file with ids of its own (`id`) leaves the counting of equal messages out.
    """

    line: int
    text: str
    sender: str = ""
    at: datetime | None = None  # aware
    time: str = ""
    chat: str = ""
    id: str = ""
    fields: Mapping[str, Any] = {}
    pictures: int = 0  # media of the message that were left out


class Rejected(NamedTuple):
    """A row that cannot be taken, and why. `fatal`: what follows it could not be read either."""

    line: int
    reason: str
    fatal: bool = False


class Skipped(NamedTuple):
    """Something that is no message: `media` without a caption, a `service` line, a `blank` text."""

    line: int
    why: str


Row = Message | Rejected | Skipped


class Unclear(ValueError):
    """The file cannot be read without an option; the text says which."""


class Broken(ValueError):
    """The file is broken at a line: what stands after it cannot be read."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True, slots=True)
class Options:
    """What the file does not say: IANA time zone, `dmy`, `mdy` or `ymd`, and column names (text -> column)."""

    timezone: str = ""
    date_order: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Source:
    """A file that is read from its beginning, as often as a parser wants."""

    stream: BinaryIO
    found: Decoding
    options: Options
    clock: Clock

    def chunks(self) -> Iterator[str]:
        """The text, piece by piece."""
        return decoding.chunks(self.stream, self.found, 1 << 18)

    def lines(self) -> Iterator[tuple[int, str]]:
        """(number from 1, line without its end). Of a line longer than `LINE_MOST` only so much is given.

        Lines end at CR, LF or both and nowhere else: a JSON string may hold U+2028, a message a form feed.
        """
        self.stream.seek(self.found.mark)
        text = io.TextIOWrapper(self.stream, encoding=self.found.codec, errors="replace", newline=None)
        try:
            number = 0
            while line := text.readline(LINE_MOST + 1):
                number += 1
                whole = line.endswith("\n")
                yield number, line[:-1] if whole else line
                while not whole and (more := text.readline(LINE_MOST + 1)):
                    whole = more.endswith("\n")
        finally:
            if not self.stream.closed:
                text.detach()  # the stream is the caller's
