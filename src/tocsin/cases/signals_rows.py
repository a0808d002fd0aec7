"""Signals as they are used: a name, a lane, a weight, sentences, and the phrases that give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tocsin.cases.models import Lane

COMPUTED_OF_CASE = frozenset({"several_reporters", "group_grows"})  # what software counts over a whole case


def prepared(text: str) -> str:
    """The text as signals compare it: NFKC, lower case, one kind of apostrophe, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().replace("’", "'").split())


class Phrases:
    """Any of some phrases. Latin ones begin and end where words do; Chinese ones may lie anywhere.

    Each is first looked for as a plain piece of text, which costs a tenth of one expression with all of them.
    """

    __slots__ = ("_any", "_each", "every")

    def __init__(self, phrases: Iterable[str]) -> None:
        self.every = ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
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


_SPACED = bytes(code if chr(code).isalpha() and code < 128 else 32 for code in range(256))


def _words(text: str) -> list[bytes]:
    """The whole words of ASCII letters: those of a phrase are among those of every text in which it stands."""
    return text.encode("ascii", "replace").translate(_SPACED).split()


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

    def in_text(self, text: str, said: Collection[Phrases]) -> bool:
        """Whether the text gives this signal. `said`: the lists that have a phrase in it (`Finder.said`)."""
        if self.words is None or self.words not in said or not all(one in said for one in self.beside):
            return False
        return self.unless is None or self.words.search(self.unless.without(text))


class Finder:
    """Some signals, by what gives them: so that a tip costs what it says, and not a trial of each signal's words."""

    __slots__ = ("_by_answer", "_by_computed", "_by_sign", "_by_word", "_by_words", "_rows")

    def __init__(self, rows: Sequence[Signal]) -> None:
        self._rows = rows
        self._by_answer: dict[tuple[str, str], list[int]] = {}
        self._by_computed: dict[str, list[int]] = {}
        self._by_words: dict[Phrases, list[int]] = {}
        owners: dict[str, set[Phrases]] = {}
        for place, one in enumerate(rows):
            for answer in one.answers:
                self._by_answer.setdefault(answer, []).append(place)
            if one.computed:
                self._by_computed.setdefault(one.computed, []).append(place)
            elif one.words is not None:
                self._by_words.setdefault(one.words, []).append(place)
                for some in (one.words, *one.beside):
                    for phrase in some.every:
                        owners.setdefault(phrase, set()).add(some)
        # what a text must hold for a phrase to stand in it: one of its words, or its first sign beyond ASCII
        self._by_word: dict[bytes, list[_Owned]] = {}
        self._by_sign: dict[str, list[_Owned]] = {}
        for phrase, lists in owners.items():
            owned = phrase, re.compile(_bounded(phrase)), frozenset(lists)
            if phrase.isascii():
                # a phrase of digits and signs only has no word: it is always tried
                self._by_word.setdefault(max(_words(phrase), key=len, default=b""), []).append(owned)
            else:
                sign = next(one for one in phrase if not one.isascii())
                self._by_sign.setdefault(sign, []).append(owned)

    def said(self, text: str) -> set[Phrases]:
        """The lists of which a phrase stands in a text that `prepared` made: those whose `search` finds one."""
        tried = [self._by_word[word] for word in self._by_word.keys() & {b"", *_words(text)}]
        if not text.isascii():
            tried += [self._by_sign[sign] for sign in self._by_sign.keys() & set(text)]
        found = set[Phrases]()
        for some in tried:
            for phrase, bound, lists in some:
                if phrase in text and not lists <= found and bound.search(text) is not None:
                    found |= lists
        return found

    def names(
        self, text: str, said: set[Phrases], answers: Mapping[str, str], counted: Iterable[str]
    ) -> list[str]:
        """The signals that the reporter's answers, what software counted or the text give, in their order."""
        found: set[int] = set()
        for answer in answers.items():
            found.update(self._by_answer.get(answer, ()))
        for computed in counted:
            found.update(self._by_computed.get(computed, ()))
        for some in said:
            found.update(n for n in self._by_words.get(some, ()) if self._rows[n].in_text(text, said))
        return [self._rows[place].name for place in sorted(found)]


_Owned = tuple[str, re.Pattern[str], frozenset[Phrases]]


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
    finder: Finder = field(init=False, repr=False, compare=False)
    of_cases: tuple[Signal, ...] = field(init=False, repr=False, compare=False)  # not found in a tip

    def __post_init__(self) -> None:
        over = tuple(one for one in self.by_name.values() if one.computed in COMPUTED_OF_CASE)
        object.__setattr__(self, "of_cases", over)
        object.__setattr__(self, "finder", Finder(tuple(self.by_name.values())))
