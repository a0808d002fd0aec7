"""Urgency signals: words and answers, as data, that say how soon a person must look, and why."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.cases.models import LANE_ORDER, Lane
from tocsin.cases.signals_data import MARKED, MARKED_DANGER
from tocsin.cases.signals_file import in_force
from tocsin.cases.signals_rows import Phrases, Signals, prepared

__all__ = ["MARKED", "MARKED_DANGER", "prepared"]


def load() -> Signals:
    """The signals in force: the hotline's own, or those that come with Tocsin. Read again when the file changes."""
    return in_force().signals


def in_tip(
    text: str,
    answers: dict[str, str],
    identifiers: int,
    marked: bool = False,
    known: Signals | None = None,
) -> list[str]:
    """Names of the signals of one tip: from its text, the reporter's answers and how many identifiers it names.

    Of a `marked` sender only that is said, and whether the tip speaks of danger: it stays in the low lane.
    """
    known = known or load()
    ready = prepared(text)
    return in_prepared(ready, known.finder.said(ready), answers, identifiers, marked, known)


def in_prepared(
    ready: str,
    said: set[Phrases],
    answers: dict[str, str],
    identifiers: int,
    marked: bool,
    known: Signals,
) -> list[str]:
    """The same for a text that `prepared` made and what is said in it: found once for all tips of one text."""
    names = known.finder.names(ready, said, answers, () if identifiers else ("no_identifier",))
    if not marked:
        return names
    danger = any(known.by_name[name].lane == Lane.IMMEDIATE for name in names)
    return [MARKED, MARKED_DANGER] if danger else [MARKED]


def in_case(reporters: float, growth: int, known: Signals | None = None) -> list[str]:
    """Names of the signals that are counted over a whole case.

    `reporters`: how many independent ones; `growth`: by how many percent a group grew, the most of all.
    """
    found = {"several_reporters": reporters, "group_grows": growth}
    return [one.name for one in (known or load()).of_cases if found[one.computed] >= one.at_least]


def of_cases(known: Signals | None = None) -> frozenset[str]:
    """The names of all signals that are counted over a case, not found in a tip."""
    return frozenset(one.name for one in (known or load()).of_cases)


def lane_of(names: Iterable[str], known: Signals | None = None) -> Lane:
    """The most urgent lane among these signals; the data's default without any."""
    found = known or load()
    lanes = [found.by_name[name].lane for name in names if name in found.by_name]
    return min(lanes, key=LANE_ORDER.__getitem__) if lanes else found.default_lane


def weight_of(names: Iterable[str], known: Signals | None = None) -> int:
    """The sum of the weights of these signals, each once, never below 0: what orders cases within a lane."""
    by_name = (known or load()).by_name
    return max(0, sum(by_name[name].weight for name in set(names) if name in by_name))


def ordered(names: Iterable[str], known: Signals | None = None) -> list[str]:
    """The most urgent lane first, then by weight."""
    by_name = (known or load()).by_name
    kept = [name for name in names if name in by_name]
    return sorted(kept, key=lambda name: (LANE_ORDER[by_name[name].lane], -by_name[name].weight, name))


def sentence(name: str, language: str) -> str:
    """The reason of either score in the reader's language; the bare name where the data has lost it."""
    known = load()
    found = known.by_name.get(name) or known.actionable.get(name)
    if found is None:
        return name
    return found.sentences.get(language.split("-", 1)[0]) or found.sentences["en"]
