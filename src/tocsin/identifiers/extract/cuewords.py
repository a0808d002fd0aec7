"""Cue words: the names of platforms in many languages that make the word beside them a handle."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .forms import Form

_LATIN = "a-z0-9_\u00e0-\u024f"
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_ARABIC = re.compile("[\u0600-\u06ff]")


@dataclass(frozen=True, slots=True)
class TextRule:
    """A form as it stands in free text: behind one of `cues`; behind a `shy` cue only with @ or a colon."""

    form: Form
    cues: tuple[str, ...]
    shy: tuple[str, ...]
    reader: str
    field: str
    regex: re.Pattern[str] | None
    region: str


@dataclass(slots=True)
class CueWords:
    """One regular expression over all cue words, and what each word stands for."""

    latin: re.Pattern[str] = re.compile(r"(?!)")
    all: re.Pattern[str] = re.compile(r"(?!)")
    rules: dict[str, list[tuple[TextRule, bool]]] = field(default_factory=dict)


def handle_regex(name: str, source: str) -> re.Pattern[str]:
    """The character set of a handle, ending where the word ends."""
    return re.compile(rf"(?P<{name}>{source})(?![A-Za-z0-9_])", re.IGNORECASE)


def build_cue_words(rules: list[TextRule]) -> CueWords:
    """Index the cue words of all rules; a word of several platforms keeps all of them, in file order."""
    words = CueWords()
    for rule in rules:
        for word in rule.cues:
            words.rules.setdefault(word.lower(), []).append((rule, False))
        for word in rule.shy:
            words.rules.setdefault(word.lower(), []).append((rule, True))
    for entries in words.rules.values():
        entries.sort(key=lambda entry: entry[0].form.platform == "phone")  # a messenger also gives the phone
    words.latin = re.compile(any_script([w for w in words.rules if w.isascii()]))
    words.all = re.compile(any_script(list(words.rules)))
    return words


def any_script(words: list[str]) -> str:
    """Source of an expression that finds the longest of `words` (lower-case), bounded as each script needs."""
    groups: dict[str, list[str]] = {"latin": [], "cyrillic": [], "other": []}
    for word in words:
        script = _script(word[0])
        groups[script if script in groups else "other"].append(word)
    lefts = {"latin": rf"(?<![{_LATIN}@.])", "cyrillic": "(?<![а-яё])", "other": ""}
    # A set of first letters in front: most places of a text are passed over after one look.
    parts = [f"{_first(group)}{lefts[script]}(?:{trie(group)})" for script, group in groups.items() if group]
    return f"{_first(words)}(?:{'|'.join(parts)})" if parts else r"(?!)"


def _first(words: list[str]) -> str:
    return "(?=[" + "".join(re.escape(char) for char in sorted({word[0] for word in words})) + "])"


def _right(word: str) -> str:
    """What must not follow a word: more letters of its script; Cyrillic words may be declined."""
    script = _script(word[-1])
    if script == "latin":
        return r"(?![a-z_\u00e0-\u024f])" if word[-1].isalnum() else ""
    if script == "cyrillic":
        return "(?![а-яё])" if len(word) < 4 else "(?=[а-яё]{0,4}(?![а-яё]))"
    return r"(?![\u0621-\u064a])" if script == "arabic" else ""


def _script(char: str) -> str:
    if _CYRILLIC.match(char):
        return "cyrillic"
    if _ARABIC.match(char):
        return "arabic"
    return "latin" if char < "\u0250" else "other"


def trie(words: list[str]) -> str:
    """An expression that tries each word once, longest first, each ending as `_right` says."""
    root: dict[str, dict] = {}  # type: ignore[type-arg]  # a tree of itself
    for word in words:
        node = root
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {word: {}}
    return _branch(root)


def _branch(node: dict[str, dict]) -> str:  # type: ignore[type-arg]
    inner = [re.escape(char) + _branch(child) for char, child in sorted(node.items()) if char]
    if "" in node:
        inner.append(_right(next(iter(node[""]))))
    return inner[0] if len(inner) == 1 else "(?:" + "|".join(inner) + ")"
