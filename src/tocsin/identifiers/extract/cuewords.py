"""Cue words: the names of platforms in many languages that make the word beside them a handle."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .forms import Form

_LATIN = "a-z0-9_\u00e0-\u024f"
_LEFT = {"latin": f"[{_LATIN}@.]", "cyrillic": "[а-яё]"}  # what must not stand in front of a word
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
    """One regular expression over all cue words, the same apart by scripts, and what each word stands for."""

    ascii: re.Pattern[str] = re.compile(r"(?!)")
    scripts: tuple[re.Pattern[str], ...] = ()
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
    words.all = re.compile(any_script(list(words.rules)))
    words.scripts = tuple(re.compile(source) for source in search_sources(list(words.rules)))
    words.ascii = re.compile(any_script([w for w in words.rules if w.isascii()]))
    return words


def any_script(words: list[str]) -> str:
    """Source of an expression that finds the longest of `words` (lower-case), bounded as each script needs."""
    groups: dict[str, list[str]] = {"latin": [], "cyrillic": [], "other": []}
    for word in words:
        script = _script(word[0])
        groups[script if script in groups else "other"].append(word)
    lefts = {script: f"(?<!{_LEFT[script]})" if script in _LEFT else "" for script in groups}
    # A set of first letters in front: most places of a text are passed over after one look.
    parts = [f"{_first(group)}{lefts[script]}(?:{trie(group)})" for script, group in groups.items() if group]
    return f"{_first(words)}(?:{'|'.join(parts)})" if parts else r"(?!)"


class WordSearch:
    """The cue words of one lower-case text, from left to right: one expression a script, each with its next find.

    Apart they are quicker than together: all but the Latin one pass over the letters of the others in one tight
    loop of `re`. No word can begin where one of another script does, so the answer is the same.
    """

    __slots__ = ("_finds", "_lower", "_scripts")

    def __init__(self, scripts: tuple[re.Pattern[str], ...], lower: str) -> None:
        self._scripts, self._lower = scripts, lower
        self._finds = [script.search(lower) for script in scripts]

    def next(self, at: int) -> re.Match[str] | None:
        """The first word that begins at `at` or later; `at` never goes back."""
        best = None
        for index, find in enumerate(self._finds):
            if find is not None and find.start() < at:
                find = self._finds[index] = self._scripts[index].search(self._lower, at)
            if find is not None and (best is None or find.start() < best.start()):
                best = find
        return best


def search_sources(words: list[str]) -> list[str]:
    """What `any_script` finds, as one expression a script, Latin first.

    When every alternative begins with a letter of its own, `re` skips all other letters in one tight loop; so
    what must not stand in front of a word is asked after its first two letters.
    """
    scripts: dict[str, list[str]] = {"latin": [], "cyrillic": [], "other": []}
    for word in words:
        script = _script(word[0])
        scripts[script if script in scripts else "other"].append(word)
    return [
        _search_source(group, _LEFT.get(script, "")) if group else r"(?!)"
        for script, group in scripts.items()
    ]


def _search_source(words: list[str], left: str) -> str:
    firsts: dict[str, list[str]] = {}
    for word in words:
        firsts.setdefault(word[0], []).append(word)
    return "|".join(trie(group, left) for _, group in sorted(firsts.items()))


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


def trie(words: list[str], left: str = "") -> str:
    """An expression that tries each word once, longest first, each ending as `_right` says.

    `left`: a set that must not stand in front, asked after two letters.
    """
    root: dict[str, dict] = {}  # type: ignore[type-arg]  # a tree of itself
    for word in words:
        node = root
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {word: {}}
    return _branch(root, "", left)


def _branch(node: dict[str, dict], begun: str, left: str) -> str:  # type: ignore[type-arg]
    check = ""
    if left and (len(begun) == 2 or "" in node):
        check, left = f"(?<!{left}{re.escape(begun)})", ""
    inner = [
        re.escape(char) + _branch(child, begun + char, left) for char, child in sorted(node.items()) if char
    ]
    if "" in node:
        inner.append(_right(next(iter(node[""]))))
    return check + (inner[0] if len(inner) == 1 else "(?:" + "|".join(inner) + ")")
