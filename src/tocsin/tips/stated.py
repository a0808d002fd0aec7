"""What a text states beside its identifiers, looked at once more while it is open: periods of fees, and owners.

"333, 666, 999 a month" gives the month only once, an entrance fee says that it is one in the words around it: neither
stands in the number itself. Offsets count code points of the raw text, as everywhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from tocsin.identifiers.extract import Extraction, Found, Observation

FILE = Path(__file__).parent / "data" / "stated.toml"
REACH = 16  # characters between a word and what it is said of
IN_A_ROW = 10  # characters between two prices of one list
FAR = 400  # beyond this nothing stands beside anything
OWNED, OWNERS = ("group", "channel"), ("account", "email", "phone")
_STOP = re.compile(r"[。！？!?\n]|[.;；](?:\s|$)")


def observations(text: str, extraction: Extraction) -> list[Observation]:
    """The extraction's observations; a fee without a period gets "once" or that of its list, where the text says so."""
    found = [_once(text, one) for one in extraction.observations]
    for order in (range(len(found) - 2, -1, -1), range(1, len(found))):
        step = 1 if order.step < 0 else -1
        for at in order:
            found[at] = _as_in_list(text, found[at], found[at + step])
    return found


def _once(text: str, one: Observation) -> Observation:
    if one.kind != "fee" or one.period is not None:
        return one
    before, after = _words("once", "before"), _words("once", "after")
    start = max(0, one.start - REACH)
    around = _last_clause(text[start : one.start]) + one.raw.lower()
    behind = _STOP.split(text[one.end : one.end + REACH].lower())[0]
    return replace(one, period="once") if before.search(around) or after.search(behind) else one


def _as_in_list(text: str, one: Observation, other: Observation) -> Observation:
    """Prices in a row have the period that one of them states, if they are in one currency."""
    if one.kind != "fee" or other.kind != "fee" or one.period or other.period in (None, "once"):
        return one
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    if len(between) > IN_A_ROW or _STOP.search(between) or one.unit != other.unit:
        return one
    return replace(one, period=other.period)


def owners(text: str, extraction: Extraction) -> list[tuple[int, int]]:
    """(start of an account, start of the group it owns) for each account that a word for an owner stands before."""
    words = _words("owner", "before")
    groups = [one for one in extraction.identifiers if one.kind in OWNED]
    found = []
    for one in extraction.identifiers:
        if one.kind not in OWNERS or not groups:
            continue
        if words.search(_last_clause(text[max(0, one.start - REACH) : one.start])):
            group = min(groups, key=lambda group: _gap(one, group))
            if _gap(one, group) <= FAR:
                found.append((one.start, group.start))
    return found


def _gap(one: Found, other: Found) -> int:
    return max(other.start - one.end, one.start - other.end, 0)


def _last_clause(text: str) -> str:
    return _STOP.split(text.lower())[-1]


@lru_cache(maxsize=8)
def _words(group: str, where: str) -> re.Pattern[str]:
    listed: Iterable[str] = tomllib.loads(FILE.read_text(encoding="utf-8"))[group][where]
    ordered = sorted(listed, key=len, reverse=True)
    return re.compile("|".join(_bounded(word) for word in ordered))


def _bounded(word: str) -> str:
    """A word of an alphabet is a whole word; a Chinese or Japanese one may lie anywhere."""
    alphabet = ord(word[0]) < 0x2E80
    return rf"(?<!\w){re.escape(word)}(?!\w)" if alphabet else re.escape(word)
