"""The format of a file of signals: what stands in one, checked; each error with its line and a reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tocsin.cases.models import Lane
from tocsin.cases.signals_lines import Lines
from tocsin.cases.signals_rows import COMPUTED_OF_CASE, Actionable, Phrases, Signal, Signals, prepared
from tocsin.tips import menus

MARKED, MARKED_DANGER = "sender_marked", "sender_marked_danger"
LANGUAGES = ("en", "fr", "zh")
WEIGHTS, POINTS = (-100, 100), (0, 100)
COMPUTED_OF_TIP = frozenset({"no_identifier", MARKED, MARKED_DANGER})
USABLE = frozenset(
    {
        "account", "account_number", "address", "site", "group", "payment", "contact_point",
        "place", "time", "reporter", "subject",
    }
)  # fmt: skip
BURST = {"tips": 20, "minutes": 60, "alike_percent": 60, "unknown_percent": 70}
ANSWERS = {"danger": menus.DANGER, "about": menus.ABOUT}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
KEYS = {
    "": {"version", "default_lane", "lists", "signal", "actionable", "burst"},
    "signal": {
        "name", "lane", "weight", "words", "unless", "with", "answer", "computed", "at_least", "sentence",
        "source", "date",
    },
    "actionable": {"name", "test", "points", "sentence", "source", "date"},
    "lists": {"words"},
    "burst": set(BURST),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of a file: where, and what is wrong."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


class SignalsError(ValueError):
    """A file of signals that cannot be used; `problems` says why, the first line first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def parse(text: str, file: str) -> Signals:
    """The signals of a file's text. Raises `SignalsError` with every problem that was found."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)|\(at end of document\)", str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        reason = str(error).partition(" (at ")[0]
        raise SignalsError([Problem(file, line, f"not TOML: {reason}")]) from None
    reader = _Reader(data, Lines(text), file)
    found = reader.read()
    if reader.problems:
        raise SignalsError(sorted(reader.problems, key=lambda one: one.line))
    return found


class _Reader:
    """Reads a file's tables and gathers what is wrong with them."""

    def __init__(self, data: dict[str, Any], lines: Lines, file: str) -> None:
        self.data, self.lines, self.file = data, lines, file
        self.problems: list[Problem] = []
        self.names: set[str] = set()
        self.lists: dict[str, Phrases] = {}

    def wrong(self, where: tuple[str | int, ...], reason: str) -> None:
        """Note a problem at the line of `where`, a path such as ("signal", 2, "lane")."""
        self.problems.append(Problem(self.file, self.lines.of(where), reason))

    def read(self) -> Signals:
        """Everything; usable only where no problem was noted."""
        self._known((), self.data, "")
        if not _filled(self.data.get("version")):
            self.wrong(("version",), 'version is missing: write a date, such as version = "2026-11-24"')
        default = self._lane(("default_lane",), self.data.get("default_lane"), "default_lane")
        for name, row in self._table("lists").items():
            where = ("lists", name)
            if self._is_table(where, row, f"list {name}"):
                self._known(where, row, "lists")
                self.lists[name] = (
                    self._pattern((*where, "words"), row.get("words"), f"list {name}") or NOTHING
                )
        rows = [self._signal(("signal", n), row) for n, row in self._rows("signal")]
        usable = [self._actionable(("actionable", n), row) for n, row in self._rows("actionable")]
        found = Signals(
            str(self.data.get("version")),
            default,
            {one.name: one for one in rows},
            {one.name: one for one in usable},
            self._burst(),
        )
        self._must_stay(found)
        return found

    def _must_stay(self, found: Signals) -> None:
        """What no hotline can take out: a reporter's yes is immediate; a marked sender's tips are low."""
        yes = [one for one in found.by_name.values() if ("danger", "yes") in one.answers]
        if not any(one.lane == Lane.IMMEDIATE for one in yes):
            self.wrong((), 'no signal of lane immediate has answer = { field = "danger", value = "yes" }')
        for name in (MARKED, MARKED_DANGER):
            one = found.by_name.get(name)
            if one is None or one.computed != name or one.lane != Lane.LOW:
                self.wrong((), f'the signal {name} (computed = "{name}", lane = "low") is missing or changed')

    def _rows(self, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
        rows = self.data.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.wrong((table,), f"write each {table} under a line of its own: [[{table}]]")
            return
        yield from enumerate(rows)

    def _table(self, name: str) -> dict[str, Any]:
        found = self.data.get(name, {})
        return found if self._is_table((name,), found, name) else {}

    def _is_table(self, where: tuple[str | int, ...], value: Any, what: str) -> bool:
        if isinstance(value, dict):
            return True
        self.wrong(where, f"{what} must be a table")
        return False

    def _known(self, where: tuple[str | int, ...], row: dict[str, Any], table: str) -> None:
        for key in row:
            if key not in KEYS[table]:
                self.wrong((*where, key), f"unknown word {key!r}; known: {', '.join(sorted(KEYS[table]))}")

    def _name(self, where: tuple[str | int, ...], row: dict[str, Any]) -> str:
        name = row.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            self.wrong((*where, "name"), "name is missing, or not of a-z, 0-9 and _ (at most 40)")
            return ""
        if name in self.names:
            self.wrong((*where, "name"), f"the name {name} stands twice")
        self.names.add(name)
        return name

    def _signal(self, where: tuple[str | int, ...], row: dict[str, Any]) -> Signal:
        self._known(where, row, "signal")
        name = self._name(where, row)
        if not {"words", "answer", "computed"} & row.keys():
            self.wrong(where, f"{name or 'this signal'} has no test: write words, answer or computed")
        for key in {"unless", "with"} & row.keys():
            if "words" not in row:
                self.wrong((*where, key), f"{key} needs words")
        if "words" in row and "computed" in row:
            self.wrong((*where, "computed"), "words and computed exclude each other")
        return Signal(
            name=name,
            lane=self._lane((*where, "lane"), row.get("lane"), f"lane of {name}"),
            weight=self._number((*where, "weight"), row.get("weight"), "weight", WEIGHTS),
            sentences=self._described(where, row),
            words=self._pattern((*where, "words"), row["words"], "words") if "words" in row else None,
            unless=self._pattern((*where, "unless"), row["unless"], "unless") if "unless" in row else None,
            beside=self._beside((*where, "with"), row.get("with", [])),
            answers=tuple(self._answers((*where, "answer"), row.get("answer", []))),
            computed=self._computed(where, row),
            at_least=self._number((*where, "at_least"), row.get("at_least", 1), "at_least", (1, 10_000)),
        )

    def _actionable(self, where: tuple[str | int, ...], row: dict[str, Any]) -> Actionable:
        self._known(where, row, "actionable")
        test = row.get("test")
        if test not in USABLE:
            self.wrong((*where, "test"), f"unknown test {test!r}; known: {', '.join(sorted(USABLE))}")
        return Actionable(
            name=self._name(where, row),
            test=str(test),
            points=self._number((*where, "points"), row.get("points"), "points", POINTS),
            sentences=self._described(where, row),
        )

    def _described(self, where: tuple[str | int, ...], row: dict[str, Any]) -> dict[str, str]:
        """The sentence in each language; the date must be there too."""
        if not isinstance(row.get("date"), date):
            self.wrong(
                (*where, "date"), "date is missing: write it without quotes, such as date = 2026-11-24"
            )
        said = row.get("sentence")
        if not isinstance(said, dict):
            self.wrong((*where, "sentence"), "sentence is missing: write it in " + ", ".join(LANGUAGES))
            return {}
        for language in LANGUAGES:
            if not _filled(said.get(language)):
                self.wrong((*where, "sentence"), f"the sentence is missing in {language}")
        return {str(language): str(text) for language, text in said.items()}

    def _lane(self, where: tuple[str | int, ...], value: Any, what: str) -> Lane:
        if value in Lane.values:
            return Lane(value)
        self.wrong(where, f"{what}: unknown lane {value!r}; known: {', '.join(Lane.values)}")
        return Lane.NORMAL

    def _number(self, where: tuple[str | int, ...], value: Any, what: str, span: tuple[int, int]) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and span[0] <= value <= span[1]:
            return value
        self.wrong(where, f"{what} is {value!r}: write a whole number from {span[0]} to {span[1]}")
        return 0

    def _pattern(self, where: tuple[str | int, ...], value: Any, what: str) -> Phrases | None:
        if not isinstance(value, dict) or not value:
            self.wrong(where, f'{what}: write phrases by language, such as en = ["on a square"]')
            return None
        phrases: set[str] = set()
        for language, some in value.items():
            if not isinstance(some, list) or not some or not all(_filled(one) for one in some):
                self.wrong((*where, language), f"{what} in {language}: write a list of phrases, none empty")
                continue
            phrases.update(prepared(one) for one in some)
        return Phrases(phrases) if phrases else None

    def _beside(self, where: tuple[str | int, ...], value: Any) -> tuple[Phrases, ...]:
        found = []
        for name in [value] if isinstance(value, str) else value if isinstance(value, list) else [None]:
            if name not in self.lists:
                self.wrong(where, f"with: unknown list {name!r}; known: {', '.join(sorted(self.lists))}")
            else:
                found.append(self.lists[name])
        return tuple(found)

    def _answers(self, where: tuple[str | int, ...], value: Any) -> Iterator[tuple[str, str]]:
        for one in value if isinstance(value, list) else [value]:
            row = one if isinstance(one, dict) else {}
            field, wanted = row.get("field"), row.get("value")
            if field not in ANSWERS and field not in ("what", "where"):
                self.wrong(where, f"answer: unknown field {field!r}; known: about, danger, what, where")
            elif not isinstance(wanted, str) or not _answer_known(field, wanted):
                self.wrong(where, f"answer: the field {field} has no value {wanted!r}")
            else:
                yield field, wanted

    def _computed(self, where: tuple[str | int, ...], row: dict[str, Any]) -> str:
        known = COMPUTED_OF_TIP | COMPUTED_OF_CASE
        value = row.get("computed", "")
        if value and value not in known:
            self.wrong((*where, "computed"), f"unknown test {value!r}; known: {', '.join(sorted(known))}")
        if "at_least" in row and value not in COMPUTED_OF_CASE:
            known_names = ", ".join(sorted(COMPUTED_OF_CASE))
            self.wrong((*where, "at_least"), f"at_least is for computed tests of a case: {known_names}")
        return str(value)

    def _burst(self) -> dict[str, int]:
        row = self._table("burst")
        self._known(("burst",), row, "burst")
        return {
            key: self._number(("burst", key), row.get(key, usual), key, (1, 10_000))
            for key, usual in BURST.items()
        }


NOTHING = Phrases(())


def _answer_known(field: str, value: str) -> bool:
    return value in ANSWERS[field] if field in ANSWERS else bool(menus.known(field, value))


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
