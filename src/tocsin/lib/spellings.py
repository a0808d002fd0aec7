"""Finds listed names in a text: one compiled expression, one pass, time linear in the length of the text.

The expression is a tree of characters, not a list of names: at each place of the text it looks at most once at every
character of the longest name, however many names are listed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

_MARKS = {"Mn", "Cf"}  # accents once they are taken apart; characters without width
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ`´"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_SIGNS = _APOSTROPHES | _DASHES
# A name in Latin letters is a word of its own: not part of a longer word, of a handle, of an address or of a host.
_BEFORE, _AFTER = r"(?<![a-z0-9_@/.])", r"(?![a-z0-9_@]|\.[a-z0-9])"
_Tree = dict[str, Any]


class Spellings:
    """Names to be found, each with the key that it stands for; the longest name wins where several begin."""

    def __init__(self, pairs: Sequence[tuple[str, str]], nothing: Sequence[str] = ()) -> None:
        """`pairs`: spelling and key. `nothing`: words that hide the names inside them.

        ValueError where two spellings are the same to a reader and stand for different keys.
        """
        self._keys: dict[str, str] = {}
        for spelling, key in [*pairs, *((word, "") for word in nothing)]:
            name = _name(fold(spelling))
            if self._keys.setdefault(name, key) != key:
                raise ValueError(f"{spelling!r} stands for {self._keys[name]!r} and for {key!r}")
        names = [fold(name) for name in (*(spelling for spelling, _ in pairs), *nothing)]
        latin = [name for name in names if name[:1].isascii()]
        other = [name for name in names if not name[:1].isascii()]
        self._words, self._others = f"{_BEFORE}{_begun(_tree(latin))}{_AFTER}", _begun(_tree(other))

    @cached_property
    def _ascii(self) -> re.Pattern[str]:
        return re.compile(self._words)  # for most texts: the other names are not even looked at

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile(f"{self._words}|{self._others}")

    def keys_in(self, text: str) -> list[str]:
        """Keys of the names in a text, each once, in the order of their first mention."""
        folded = fold(text)
        expression = self._ascii if folded.isascii() else self._any
        found = (self._keys[_name(name)] for name in expression.findall(folded))
        return list(dict.fromkeys(key for key in found if key))


def fold(text: str) -> str:
    """A text as it is compared: no case, accents, full-width forms or curly signs; single spaces."""
    if text.isascii():
        return " ".join(text.replace("`", "'").lower().split())
    apart = unicodedata.normalize("NFKD", text.translate(_SIGNS)).casefold()
    return " ".join(apart.translate(_bare).split())


class _Bare(dict[int, str | None]):
    """For `str.translate`: what is left of a character without accents and curls; remembered once asked for."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        self[code] = left = None if code > 127 and unicodedata.category(char) in _MARKS else char
        return left


_bare = _Bare(_SIGNS)


def _name(folded: str) -> str:
    return folded.replace("-", " ").replace("'", "")


def _tree(names: Iterable[str]) -> _Tree:
    root: _Tree = {}
    for name in names:
        node = root
        for char in name:
            node = node.setdefault("[ -]" if char in " -" else "'?" if char == "'" else re.escape(char), {})
        node[""] = {}  # a name may end here
    return root


def _begun(tree: _Tree) -> str:
    """The expression of a tree behind one look at its first characters, of which there may be hundreds."""
    if not tree:
        return "(?!)"
    alone = "'?" not in tree and "[ -]" not in tree  # a sign that may be left out tells nothing
    return (f"(?=[{''.join(tree)}])" if alone else "") + _expression(tree)


def _expression(node: _Tree) -> str:
    """The longer way first; the empty way, where a name may end, last."""
    ways = [char + _expression(below) for char, below in node.items() if char]
    if not ways:
        return ""
    joined = ways[0] if len(ways) == 1 and "" not in node else f"(?:{'|'.join(ways)})"
    return joined + ("?" if "" in node else "")
