"""What a reporter wrote: when it counts as blank, how it is shown safely, and in which language it is.

The narrative itself is stored as sent; everything here works on the way out.
"""

from __future__ import annotations

import re
import unicodedata

from tocsin.lib.visible import encodable, shown

__all__ = ["encodable", "is_blank", "language", "shown"]

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[a-zà-öø-ÿœ]+")
_FRENCH = """le la les des un une est et qui que dans sur avec pour pas ce cette il elle ils je nous vous au aux du
    a en son sa ses mon ma mes plus très chez sont ont mais voici bonjour merci"""
_ENGLISH = """the a an is are and who that this in on with for not he she they i we you of to it his her my at from
    was has have but there here please thanks hello"""
_STOP_WORDS = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


def language(text: str, declared: str = "") -> str:
    """`zh`, `fr` or `en` by script and stop words; what the sender declared where the text does not tell.

    Counting Chinese characters and the commonest words of two languages is enough to choose an interface or a
    translator; it is not meant to tell more languages apart.
    """
    sample = text[:4000].lower()
    words = _LATIN_WORD.findall(sample)
    if len(_HAN.findall(sample)) > len(words) / 2:
        return "zh"
    counts = {code: sum(word in stop for word in words) for code, stop in _STOP_WORDS.items()}
    if counts["fr"] == counts["en"]:
        return declared[:10]
    return max(counts, key=lambda code: counts[code])
