"""Hints for roles: words near an identifier that say whose it is, or that it is only addressed.

Hints only: software proposes, a person sets (design 5.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from .cuewords import search_sources
from .model import Match
from .prepass import SHORT, same_length_lower
from .words import Words

_REACH = 40  # characters between the words and the identifier
_REACH_ADDRESSED = 16
# a sentence's end (in the raw text: the cleaned one has blanks for full-width marks), or a new clause
_STOP = re.compile(r"[.!?;](?:\s|$)|[\n。！？；]")
_NUMBER = re.compile(r"\d[\d .()-]{3,}\d")  # "call me: 139… weibo.com/…": the words spoke of the number
# a new clause, or a new subject: "call me about weibo.com/…"
_NEW_CLAUSE = re.compile(
    r"[,，、].*\w|\b(?:about|regarding|concerning|à propos|au sujet)\b|关于|關於", re.DOTALL
)
_BETWEEN = re.compile(
    r"[\s:,，>=\"'(\[@!-]*(?:à|a|to|给|給|了|了我|to the|the|le|la|compte|account|账号|用户|博主|von|من|на|от|de|du|@|hub|team|équipe)?[\s:,\"'(\[@-]*"
)


@dataclass(frozen=True, slots=True)
class RoleWords:
    """One expression over the phrases of all roles, and what each phrase says: (role, before or after)."""

    latin: re.Pattern[str]
    all: re.Pattern[str]
    meaning: dict[str, list[tuple[str, str]]]
    longest: int


def _one_search(phrases: list[str]) -> re.Pattern[str]:
    """All scripts in one expression whose alternatives each begin with a letter: `re` skips the other letters."""
    return re.compile("|".join(source for source in search_sources(phrases) if source != r"(?!)"))


@lru_cache(maxsize=4)
def _role_words(words: Words) -> RoleWords:
    meaning: dict[str, list[tuple[str, str]]] = {}
    for role, lists in words.roles.items():
        for side, phrases in lists.items():
            for phrase in phrases:
                meaning.setdefault(phrase.lower(), []).append((role, side))
                if side == "after":  # "is my number" also stands before one
                    meaning[phrase.lower()] += (
                        [(role, "before")] if phrase.endswith(tuple(lists["before"])) else []
                    )
    latin = _one_search([phrase for phrase in meaning if phrase.isascii()])
    return RoleWords(latin, _one_search(list(meaning)), meaning, max(map(len, meaning)))


def hints(
    words: Words, text: str, matches: list[Match], between: Callable[[int, int], str]
) -> tuple[list[str | None], list[bool]]:
    """Cue and `addressed` of each match, which are in order of their starts; `text` is the cleaned text.

    `between` gives the raw text between two places of the cleaned one.
    """
    cues: list[str | None] = [None] * len(matches)
    addressed = [False] * len(matches)
    if matches[0].start < 2 and len(text) - matches[0].end < 2:
        return cues, addressed
    roles = _role_words(words)
    lower = same_length_lower(text)
    regex = roles.latin if lower.isascii() else roles.all
    index = 0
    spans = _around(matches, roles.longest) if len(text) > SHORT else [(0, len(text))]
    for phrase in chain.from_iterable(regex.finditer(lower, *span) for span in spans):
        while index < len(matches) and matches[index].start < phrase.end() - 2:
            index += 1
        for role, side in roles.meaning[phrase.group()]:
            at = _ending_before(lower, matches, index, phrase.start()) if side == "after" else index
            if at is None or at >= len(matches):
                continue
            if role == "addressed" and side != "credit" and lower[matches[at].start - 1 :][:1] != "@":
                continue  # people are greeted by @name; an address beside "thanks" is what they report
            if role == "victim" and _acts(phrase.group(), lower, matches[at].end):
                continue
            if side == "after" or _reaches(
                role, lower[phrase.end() : matches[at].start], phrase.end(), between
            ):
                _set(matches, cues, addressed, at, role)
                if side == "after":
                    break  # "… is my number": said of what stands before it, so not of the next one too
    return cues, addressed


# "to my daughter" … "@name has written": who acts is not who was written to
_TO = ("에게", "한테", "に")
_ACTOR = re.compile(r" ?(?:(?:이|가|님이|께서)(?!\w)|が|から)")


def _acts(phrase: str, lower: str, end: int) -> bool:
    """Whether the name that ends at `end` is the one who did something to whom the phrase names."""
    return phrase.endswith(_TO) and _ACTOR.match(lower, end) is not None


def _around(matches: list[Match], longest: int) -> list[tuple[int, int]]:
    """Spans, apart and in order, in which a phrase can speak of a match: only these are searched.

    Twice the longest phrase in front, so that a phrase over a span's begin is seen as a whole; some characters
    behind, so that what follows a phrase is seen.
    """
    spans: list[tuple[int, int]] = []
    for match in matches:
        start, end = max(0, match.start - _REACH - 2 * longest), match.end + longest + 16
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _ending_before(lower: str, matches: list[Match], index: int, start: int) -> int | None:
    """The match that ends right before `start`; `index` is the first one behind it."""
    for at in range(min(index, len(matches)) - 1, max(-1, index - 6), -1):
        if 0 <= start - matches[at].end <= 3 and not lower[matches[at].end : start].strip(" ,)]\"'"):
            while at > 0 and matches[at - 1].start == matches[at].start:
                at -= 1
            return at
    return None


def _reaches(role: str, gap: str, end: int, between: Callable[[int, int], str]) -> bool:
    """Whether a phrase that ends at `end`, `gap` before an identifier, speaks of it.

    A wrong "self" would protect a suspect's account, so a clause of other words in between ends its reach.
    """
    if role == "addressed":
        return len(gap) <= _REACH_ADDRESSED and bool(_BETWEEN.fullmatch(gap))
    if len(gap) > _REACH:
        return False
    raw = between(end, end + len(gap))
    return not _STOP.search(raw) and not (role == "self" and (_NEW_CLAUSE.search(raw) or _NUMBER.search(raw)))


def _set(matches: list[Match], cues: list[str | None], addressed: list[bool], index: int, role: str) -> None:
    """Set the hint on all results of one span."""
    span = matches[index].start, matches[index].end
    for at in range(index, len(matches)):
        if (matches[at].start, matches[at].end) != span:
            break
        if role == "addressed":
            addressed[at] = True
        elif cues[at] is None or role == "victim":
            cues[at] = role
