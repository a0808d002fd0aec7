"""Hints for roles: words near an identifier that say whose it is, or that it is only addressed.

Hints only: software proposes, a person sets (design 5.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .cuewords import any_script
from .model import Match
from .words import Words

_REACH = 40  # characters between the words and the identifier
_REACH_ADDRESSED = 3
_STOP = re.compile(r"[.!?;\n\x00](?:\s|$)|\n| [,] ")
_BETWEEN = re.compile(r"[\s:,，>=\"'(\[@!-]*(?:à|a|to|给|給|了|了我|to the|the|le|la|compte|account|账号|用户|博主|von|من|на|от|de|du|@|hub|team|équipe)?[\s:,\"'(\[@-]*")


@dataclass(frozen=True, slots=True)
class RoleWords:
    """Expressions of one role: before the identifier, and after it."""

    before: re.Pattern[str]
    after: re.Pattern[str]


@lru_cache(maxsize=4)
def _role_words(words: Words) -> dict[str, RoleWords]:
    return {
        role: RoleWords(re.compile(any_script(lists["before"])), re.compile(any_script(lists["after"])))
        for role, lists in words.roles.items()
    }


def hints(words: Words, text: str, matches: list[Match]) -> list[tuple[str | None, bool]]:
    """(cue, addressed) for each match, which are in order of their starts; `text` is the cleaned text."""
    roles = _role_words(words)
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    cues: list[str | None] = [None] * len(matches)
    for role in ("self", "victim"):
        _mark(lower, roles[role], matches, cues, role)
    addressed = _addressed(lower, roles["addressed"], matches)
    return list(zip(cues, addressed, strict=True))


def _mark(lower: str, words: RoleWords, matches: list[Match], cues: list[str | None], role: str) -> None:
    """Give `role` to the first identifier behind each phrase, and to one right before an `after` phrase."""
    index = 0
    for phrase in words.before.finditer(lower):
        while index < len(matches) and matches[index].start < phrase.end() - 2:
            index += 1
        if index == len(matches):
            break
        start = matches[index].start
        between = lower[phrase.end() : start]
        if start - phrase.end() <= _REACH and not _STOP.search(between):
            _set(matches, cues, index, role)
    for phrase in words.after.finditer(lower):
        for at, match in enumerate(matches):
            if 0 <= phrase.start() - match.end <= 3 and not lower[match.end : phrase.start()].strip(" )]\"'"):
                _set(matches, cues, at, role)


def _set(matches: list[Match], cues: list[str | None], index: int, role: str) -> None:
    span = matches[index].start, matches[index].end
    for at in range(index, len(matches)):
        if (matches[at].start, matches[at].end) != span:
            break
        cues[at] = role


def _addressed(lower: str, words: RoleWords, matches: list[Match]) -> list[bool]:
    """Whether the words right before (or after) an identifier greet, thank, credit or ask its owner."""
    ends = [phrase.end() for phrase in words.before.finditer(lower)]
    starts = {phrase.start() for phrase in words.after.finditer(lower)}
    answers = []
    for match in matches:
        near = any(end <= match.start and match.start - end <= 16 and _close(lower[end : match.start]) for end in
                   ends[-400:])
        behind = any(match.end + gap in starts for gap in range(3))
        answers.append(near or (behind and not lower[match.end : match.end + 2].strip(" ,")[:0]))
    return answers


def _close(between: str) -> bool:
    return bool(_BETWEEN.fullmatch(between))
