"""Payment numbers in free text. The checksum decides: a wrong one gives nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from .catalogue import Catalogue
from .coins import base58check, bech32_valid, eth_valid
from .model import Hit, Match

_LONG = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{26,100}(?![A-Za-z0-9])")
# These begin with a set of digits and look back from there: `re` finds the first digit in one tight loop.
_DIGIT = re.compile("[0-9]")
_IBAN = re.compile(r"[0-9](?<=(?<![A-Za-z0-9])[A-Za-z]{2}[0-9])[0-9][ ]?(?=[A-Za-z0-9])")
_CARD = re.compile(r"[3-6](?<![0-9A-Za-z+.-].)(?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
_CARD_GROUPS = re.compile(
    r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,3})?|[0-9]{4}([ -])[0-9]{6}\2[0-9]{5}"
)
_ISSUER = re.compile(r"4|5[1-5]|2[2-7]|3[4-7]|30|36|38|39|35|62|6011|64|65|50|5[6-8]|6[0-9]")
_CARD_CUE = re.compile(
    r"(?:card|visa|mastercard|amex|maestro|unionpay|carte|cb|карт[аыу]?|卡号|银行卡|信用卡|卡|カード|카드|بطاقة|البطاقة|tarjeta|karte)(?:[ :#=n°o.-]|号码?|number|номер|numéro|no\.?|是|为){0,4}$",
    re.IGNORECASE,
)


def scan_payments(catalogue: Catalogue, text: str) -> list[Match]:
    """Bank, card and coin addresses; `text` has its addresses blanked out."""
    found: list[Match] = []
    at = 0
    for word in text.split(" "):
        if len(word) >= 26:
            found += _coins(text, at, at + len(word))
        at += len(word) + 1
    if len(_DIGIT.findall(text)) >= 8:
        found += _ibans(catalogue, text)
        found += _cards(text, found)
    return found


def _coins(text: str, start: int, end: int) -> list[Match]:
    words = _LONG.finditer(text, start, end)
    return [Match(hit, word.start(), word.end()) for word in words if (hit := _coin(word[0]))]


def _coin(word: str) -> Hit | None:
    for platform, test, fold in _COINS:
        if test(word):
            text = word.lower() if fold or word[:3].lower() == "bc1" else word
            return Hit("payment", platform, text, "strong", f"platforms/{platform}.toml#address")
    return None


def _is_btc(word: str) -> bool:
    if word[0] in "13" and len(word) <= 35:
        return base58check(word, (0x00, 0x05))
    return word[:3].lower() == "bc1" and bech32_valid(word)


def _is_tron(word: str) -> bool:
    return word[0] == "T" and len(word) == 34 and base58check(word, (0x41,))


def _is_eth(word: str) -> bool:
    return len(word) == 42 and word[:2] in ("0x", "0X") and eth_valid(word[2:])


def _ibans(catalogue: Catalogue, text: str) -> list[Match]:
    found = []
    for match in _IBAN.finditer(text):
        start = match.start() - 2
        length = catalogue.words.iban_lengths.get(text[start : start + 2].upper())
        taken = _take(text, start, length) if length else None
        if taken and iban_valid(taken[0]):
            hit = Hit("payment", "iban", taken[0], "strong", "platforms/iban.toml#number")
            found.append(Match(hit, start, taken[1]))
    return found


def _take(text: str, at: int, length: int) -> tuple[str, int] | None:
    """`length` letters and digits from `at` on, single blanks between left out; None if the word goes on."""
    chars: list[str] = []
    start = at
    while at < len(text) and len(chars) < length and at - start < 3 * length:
        char = text[at]
        if char.isascii() and char.isalnum():
            chars.append(char.upper())
        elif char not in " \t-." or text[at - 1] in " \t-.":
            return None
        at += 1
    if len(chars) < length or (at < len(text) and text[at].isascii() and text[at].isalnum()):
        return None
    return "".join(chars), at


def iban_valid(iban: str) -> bool:
    """ISO 13616: the number, rearranged, is 1 modulo 97."""
    digits = "".join(str(int(char, 36)) for char in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def _cards(text: str, taken: list[Match]) -> list[Match]:
    found = []
    for match in _CARD.finditer(text):
        raw = match[0]
        digits = "".join(c for c in raw if c.isdigit())
        if any(m.start < match.end() and match.start() < m.end for m in taken) or not _is_card(digits):
            continue
        if _CARD_GROUPS.fullmatch(raw) or _CARD_CUE.search(text[max(0, match.start() - 30) : match.start()]):
            hit = Hit("payment", "card", masked(digits), "strong", "platforms/card.toml#number")
            found.append(Match(hit, match.start(), match.end()))
    return found


def _is_card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and bool(_ISSUER.match(digits)) and luhn(digits) and len(set(digits)) > 1


def masked(digits: str) -> str:
    """First six and last four; the full number is never kept."""
    return f"{digits[:6]}******{digits[-4:]}"


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 check digit."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_COINS: tuple[tuple[str, Callable[[str], bool], bool], ...] = (
    ("btc", _is_btc, False),
    ("eth", _is_eth, True),
    ("tron", _is_tron, False),
)
