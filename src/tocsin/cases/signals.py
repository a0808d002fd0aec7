"""Urgency signals: words and answers, as data, that say how soon a person must look, and why."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tocsin.cases.models import LANE_ORDER, Lane

FILE = Path(__file__).parent / "data" / "signals.toml"
MARKED, MARKED_DANGER = "sender_marked", "sender_marked_danger"


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of `data/signals.toml`, ready to be tried on a text that `prepared` made."""

    name: str
    lane: Lane
    weight: int
    sentences: dict[str, str]
    words: re.Pattern[str] | None
    unless: re.Pattern[str] | None  # phrases in which the words do not count
    beside: re.Pattern[str] | None  # one of these must be in the same text too
    answer: tuple[str, str] | None  # (field of the tip, value)
    computed: str

    def speaks(self, text: str, answers: dict[str, str], counted: frozenset[str]) -> bool:
        """Whether the text, the reporter's answers or what software counted give this signal."""
        if self.answer:
            return answers.get(self.answer[0]) == self.answer[1]
        if self.computed:
            return self.computed in counted
        if self.words is None or (self.beside and not self.beside.search(text)):
            return False
        return bool(self.words.search(self.unless.sub("\x00", text) if self.unless else text))


@dataclass(frozen=True, slots=True)
class Signals:
    """All signals, in the order of the file."""

    version: str
    default_lane: Lane
    by_name: dict[str, Signal]


@lru_cache(maxsize=1)
def load() -> Signals:
    """The signals of the data file; read once a process."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    lists = {name: _pattern(value["words"]) for name, value in data.get("lists", {}).items()}
    found = [_signal(row, lists) for row in data["signal"]]
    return Signals(str(data["version"]), Lane(data["default_lane"]), {one.name: one for one in found})


def _signal(row: dict[str, Any], lists: dict[str, re.Pattern[str]]) -> Signal:
    answer = row.get("answer")
    return Signal(
        name=row["name"],
        lane=Lane(row["lane"]),
        weight=int(row["weight"]),
        sentences=row["sentence"],
        words=_pattern(row["words"]) if "words" in row else None,
        unless=_pattern(row["unless"]) if "unless" in row else None,
        beside=lists[row["with"]] if "with" in row else None,
        answer=(answer["field"], answer["value"]) if answer else None,
        computed=row.get("computed", ""),
    )


def _pattern(by_language: dict[str, list[str]]) -> re.Pattern[str]:
    """Any of the phrases: longest first; Latin ones end where words end, Chinese ones may lie anywhere."""
    phrases = {prepared(phrase) for phrases in by_language.values() for phrase in phrases}
    parts = [_bounded(phrase) for phrase in sorted(phrases, key=lambda p: (-len(p), p))]
    return re.compile("|".join(parts))


def _bounded(phrase: str) -> str:
    body = re.escape(phrase).replace(r"\ ", r"\s+")
    left = r"(?<![^\W\d_])" if _latin(phrase[0]) else ""
    right = r"(?![^\W\d_])" if _latin(phrase[-1]) else ""
    return left + body + right


def _latin(character: str) -> bool:
    return character.isalpha() and ord(character) < 0x250


def prepared(text: str) -> str:
    """The text as signals compare it: NFKC, lower case, one kind of apostrophe."""
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'")


def in_tip(text: str, answers: dict[str, str], identifiers: int, marked: bool = False) -> list[str]:
    """Names of the signals of one tip: from its text, the reporter's answers and how many identifiers it names.

    Of a `marked` sender only that is said, and whether the tip speaks of danger: it stays in the low lane.
    """
    counted = frozenset({"no_identifier"} if not identifiers else ())
    ready, known = prepared(text), load().by_name
    names = [one.name for one in known.values() if one.speaks(ready, answers, counted)]
    if not marked:
        return names
    danger = any(known[name].lane == Lane.IMMEDIATE for name in names)
    return [MARKED, MARKED_DANGER] if danger else [MARKED]


def lane_of(names: Iterable[str]) -> Lane:
    """The most urgent lane among these signals; the data's default without any."""
    known = load()
    lanes = [known.by_name[name].lane for name in names if name in known.by_name]
    return min(lanes, key=LANE_ORDER.__getitem__) if lanes else known.default_lane


def weight_of(names: Iterable[str]) -> int:
    """The sum of the weights of these signals, each once: what orders cases within a lane."""
    known = load().by_name
    return sum(known[name].weight for name in set(names) if name in known)


def ordered(names: Iterable[str]) -> list[str]:
    """The most urgent lane first, then by weight."""
    known = load().by_name
    kept = [name for name in names if name in known]
    return sorted(kept, key=lambda name: (LANE_ORDER[known[name].lane], -known[name].weight, name))


def sentence(name: str, language: str) -> str:
    """The signal's reason in the reader's language; the bare name where the data has lost it."""
    found = load().by_name.get(name)
    if found is None:
        return name
    return found.sentences.get(language.split("-", 1)[0]) or found.sentences["en"]
