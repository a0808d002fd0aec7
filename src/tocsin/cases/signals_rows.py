"""Signals as they are used: a name, a lane, a weight, sentences, and the phrases that give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.cases.models import Lane


def prepared(text: str) -> str:
    """The text as signals compare it: NFKC, lower case, one kind of apostrophe, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().replace("’", "'").split())


class Phrases:
    """Any of some phrases. Latin ones begin and end where words do; Chinese ones may lie anywhere.

    Each is first looked for as a plain piece of text, which costs a tenth of one expression with all of them.
    """

    __slots__ = ("_any", "_each")

    def __init__(self, phrases: Iterable[str]) -> None:
        ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
        self._each = tuple((phrase, re.compile(_bounded(phrase))) for phrase in ordered)
        self._any = re.compile("|".join(map(_bounded, ordered)) or r"(?!)")

    def search(self, text: str) -> bool:
        """Whether one of them stands in a text that `prepared` made."""
        return any(phrase in text and bound.search(text) is not None for phrase, bound in self._each)

    def without(self, text: str) -> str:
        """The text with them cut out, the longest first."""
        return self._any.sub("\x00", text)


def _bounded(phrase: str) -> str:
    body = re.escape(phrase)
    left = r"(?<![^\W\d_])" if _latin(phrase[0]) else ""
    right = r"(?![^\W\d_])" if _latin(phrase[-1]) else ""
    return left + body + right


def _latin(character: str) -> bool:
    return character.isalpha() and ord(character) < 0x250


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of urgency, ready to be tried on a text that `prepared` made."""

    name: str
    lane: Lane
    weight: int
    sentences: dict[str, str]
    words: Phrases | None
    unless: Phrases | None  # phrases in which the words do not count
    beside: tuple[Phrases, ...]  # of each list one word must be in the same text too
    answers: tuple[tuple[str, str], ...]  # (field of the tip, value): any of them is enough
    computed: str
    at_least: int  # for what is counted over a case

    def speaks(self, text: str, answers: dict[str, str], counted: frozenset[str]) -> bool:
        """Whether the reporter's answers, what software counted or the text give this signal."""
        if any(answers.get(field) == value for field, value in self.answers):
            return True
        if self.computed:
            return self.computed in counted
        if self.words is None or not self.words.search(text):
            return False
        if not all(one.search(text) for one in self.beside):
            return False
        return self.unless is None or self.words.search(self.unless.without(text))


@dataclass(frozen=True, slots=True)
class Actionable:
    """One thing that makes a case easier to act on, and what it counts. It never makes a case more urgent."""

    name: str
    test: str
    points: int
    sentences: dict[str, str]


@dataclass(frozen=True, slots=True)
class Signals:
    """All signals, in the order of the file."""

    version: str
    default_lane: Lane
    by_name: dict[str, Signal]
    actionable: dict[str, Actionable]
    burst: dict[str, int]
