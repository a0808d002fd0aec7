"""What a reporter wrote: when it counts as blank, how it is shown safely, and in which language it is.

The narrative itself is stored as sent; everything here works on the way out.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[a-zà-öø-ÿœ]+")
_FRENCH = """le la les des un une est et qui que dans sur avec pour pas ce cette il elle ils je nous vous au aux du
    a en son sa ses mon ma mes plus très chez sont ont mais voici bonjour merci"""
_ENGLISH = """the a an is are and who that this in on with for not he she they i we you of to it his her my at from
    was has have but there here please thanks hello"""
_STOP_WORDS = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}

# Embedding, override and isolate controls can make a line read differently from what it says: named instead.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


def encodable(text: str) -> str:
    """The same text with each lone surrogate as U+FFFD: a page or a database column can carry it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def shown(text: str) -> str:
    """For a page: controls as visible symbols, direction overrides named, lone surrogates as U+FFFD.

    One character stays one character except for the overrides, so spans are cut before this is called.
    """
    return "".join(_visible(character) for character in encodable(text.replace("\r\n", "\n")))


def _visible(character: str) -> str:
    code = ord(character)
    if character in _BIDI:
        return f"[U+{code:04X}]"
    if code < 0x20 and character not in "\n\t":
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if 0x80 <= code < 0xA0 else character


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
