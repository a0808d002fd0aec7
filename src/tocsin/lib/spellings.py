"""Finds listed names in a text: one compiled expression, one pass, time linear in the length of the text.

The expression is a tree of characters, not a list of names: at each place of the text it looks at most once at every
character of the longest name, however many names are listed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
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
        parts = [f"{_BEFORE}{_expression(_tree(latin))}{_AFTER}"] if latin else []
        parts += [_expression(_tree(other))] if other else []
        self._expression = re.compile("|".join(parts) or r"(?!)")

    def keys_in(self, text: str) -> list[str]:
        """Keys of the names in a text, each once, in the order of their first mention."""
        found = (self._keys[_name(match[0])] for match in self._expression.finditer(fold(text)))
        return list(dict.fromkeys(key for key in found if key))


def fold(text: str) -> str:
    """A text as it is compared: no case, accents, full-width forms or curly signs; single spaces."""
    apart = unicodedata.normalize("NFKD", text.translate(_SIGNS)).casefold()
    bare = "".join(char for char in apart if char.isascii() or unicodedata.category(char) not in _MARKS)
    return " ".join(bare.translate(_SIGNS).split())


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


def _expression(node: _Tree) -> str:
    """The longer way first; the empty way, where a name may end, last."""
    ways = [char + _expression(below) for char, below in node.items() if char]
    if not ways:
        return ""
    joined = ways[0] if len(ways) == 1 and "" not in node else f"(?:{'|'.join(ways)})"
    return joined + ("?" if "" in node else "")
