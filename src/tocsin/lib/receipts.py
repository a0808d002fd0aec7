"""Receipts: 19 Crockford base-32 characters (95 bits) and one check character.

The check is a weighted sum over GF(32) with 20 distinct weights that are not zero, so that every single wrong
character and every swap of two characters is caught (the argument of ISO/IEC 7064 and of Verhoeff's survey,
carried to a field: (w_i - w_j)(a - b) is zero only if the weights or the characters are equal).
`O` is read as `0`, `I` and `L` as `1`; case, blanks and hyphens do not count.
"""

from __future__ import annotations

import hashlib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\u00a0": "", "\u2011": ""})


def _times_alpha(value: int) -> int:
    """Multiply by the generator of GF(32) = GF(2)[x] / (x^5 + x^2 + 1)."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = _times_alpha(a), b >> 1
    return product


def _weights() -> tuple[int, ...]:
    powers, value = [], 1
    for _ in range(LENGTH):
        powers.append(value)
        value = _times_alpha(value)
    return (*powers[1:], 1)  # the check character itself weighs 1


WEIGHTS = _weights()
# what each character adds to the sum at each place: multiplied once, not for every receipt
_ADDS = tuple({c: _times(weight, value) for c, value in _VALUE.items()} for weight in WEIGHTS)


def check_character(body: str) -> str:
    """The 20th character of the 19 given."""
    total = 0
    for adds, character in zip(_ADDS, body, strict=False):
        total ^= adds[character]
    return ALPHABET[total]


def from_token(token: str) -> str:
    """The receipt that belongs to a form token: always the same one, so a retry gives the same receipt."""
    digest = hashlib.blake2b(token.encode("utf-8"), digest_size=12, person=b"tocsin-receipt").digest()
    number = int.from_bytes(digest, "big") >> 1  # 95 of 96 bits
    body = "".join([_PAIRS[(number >> shift) & 1023] for shift in range(85, -1, -10)]) + ALPHABET[number & 31]
    return body + check_character(body)


def normalise(typed: str) -> str | None:
    """The 20 characters of what a person typed, or None where length, alphabet or check do not fit."""
    text = typed.upper().translate(_READ_AS).strip()
    if len(text) != LENGTH or any(character not in _VALUE for character in text):
        return None
    return text if check_character(text[:-1]) == text[-1] else None


def grouped(receipt: str) -> str:
    """For reading aloud and copying by hand: four groups of five."""
    return "-".join(receipt[start : start + 5] for start in range(0, LENGTH, 5))
