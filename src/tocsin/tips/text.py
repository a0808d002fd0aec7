"""What a reporter wrote: when it counts as blank, how it is shown safely, and in which language it is.

The narrative itself is stored as sent; everything here works on the way out.
"""

from __future__ import annotations

import unicodedata

from tocsin.lib.visible import encodable, shown
from tocsin.tips.languages import language_of

__all__ = ["encodable", "is_blank", "language", "shown"]

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


def language(text: str, declared: str = "") -> str:
    """The language of the words (ISO 639-1), or what the sender declared where they do not tell."""
    return language_of(text) or declared[:10]
