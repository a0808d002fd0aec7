"""Read JSON of any size piece by piece: only the value that is asked for is held in memory.

A small reader over `json.JSONDecoder.raw_decode`: the caller walks the outer objects and arrays and takes the
inner ones whole. Lines are counted, so that a broken file is named with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tocsin.tips.imports.source import Broken, Source

_SPACE = re.compile(r"[ \t\r\n]*")
_MOST = 4 << 20  # characters of one value: longer ones are walked, not taken
_DEEPEST = 64
_MARGIN = 16  # an error so near to the end of a piece may be the piece's: a word or an escape is cut in two
_DECODE = json.JSONDecoder().raw_decode


class Reader:
    """A cursor in the text of a file."""

    def __init__(self, source: Source) -> None:
        self._pieces = source.chunks()
        self._text, self._at, self._ended = "", 0, False
        self._lines, self._counted = 1, 0

    @property
    def line(self) -> int:
        """The line that the cursor stands in."""
        self._lines += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._lines

    def _more(self) -> bool:
        """Another piece; what was read is let go. False at the end."""
        if self._ended:
            return False
        _ = self.line
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._text, self._at, self._counted = self._text[self._at :] + piece, 0, 0
        return True

    def peek(self) -> str:
        """The next character that is no white space; an empty text at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> None:
        """Step over one character. Raises `Broken` where another one stands."""
        found = self.peek()
        if found != wanted:
            raise Broken(self.line, f"the file ends early: {wanted} is missing" if not found else
                         f"not JSON: {wanted} was expected")  # fmt: skip
        self._at += 1

    def value(self) -> Any:
        """The next value, whole. Raises `Broken` for one that is no JSON, too deep or longer than 4 MB."""
        self.peek()
        while True:
            try:
                found, end = _DECODE(self._text, self._at)
                # a number at the end of the piece may go on in the next one
                if end < len(self._text) or not self._more():
                    self._at = end
                    return found
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos > len(self._text) - _MARGIN
                if len(self._text) - self._at > _MOST:
                    raise Broken(self.line, "a value is longer than 4 MB") from None
                if not cut or not self._more():
                    raise self._broken(error) from None
            except RecursionError:
                raise Broken(self.line, "nested too deeply") from None
            except ValueError as error:  # a number of thousands of digits
                raise Broken(self.line, f"cannot be used: {error}"[:200]) from None

    def _broken(self, error: json.JSONDecodeError) -> Broken:
        line = self.line + self._text.count("\n", self._at, error.pos)
        if error.pos >= len(self._text) or error.msg.startswith("Unterminated"):
            return Broken(line, "the file ends early, in the middle of a value")
        return Broken(line, f"not JSON: {error.msg}")

    def names(self) -> Iterator[str]:
        """The names of the next object; the caller takes or skips each value before it asks for the next name."""
        self.take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            name = self.value() if self.peek() == '"' else None
            if name is None:
                raise Broken(self.line, "not JSON: a name in quotes was expected")
            self.take(":")
            yield str(name)
            if self.peek() != ",":
                return self.take("}")
            self._at += 1

    def items(self) -> Iterator[int]:
        """The lines of the next array's items; the caller takes or skips each before it asks for the next."""
        self.take("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            self.peek()
            yield self.line
            if self.peek() != ",":
                return self.take("]")
            self._at += 1

    def skip(self, depth: int = 0) -> None:
        """Step over the next value, however long it is."""
        if depth > _DEEPEST:
            raise Broken(self.line, "nested too deeply")
        first = self.peek()
        if first == "{":
            for _name in self.names():
                self.skip(depth + 1)
        elif first == "[":
            for _line in self.items():
                self.skip(depth + 1)
        else:
            self.value()
