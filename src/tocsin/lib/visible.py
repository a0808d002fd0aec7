"""Text that a stranger wrote, made safe to show: nothing in it can hide or turn a line around."""

from __future__ import annotations

# Embedding, override and isolate controls can make a line read differently from what it says: named instead.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
