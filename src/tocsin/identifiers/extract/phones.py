"""Telephone numbers: E.164 from + or 00; national ones only behind a cue that tells the country."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .model import Hit, Match

_INTERNATIONAL = re.compile(
    # a letter of a script without blanks may stand right in front; before 00 only one that speaks of a telephone
    r"[+0](?<![A-Za-z0-9_\u00c0-\u024f+=&#.-].)(?<![^0-9]/.)(?<!^/.)"
    r"(?:(?<=\+)|(?<![^\W\d_]0)0(?<=00)(?=[ ]?[1-9(])|(?<=[打电電话話号號码碼机機系拨撥는은은はم]0)0(?=[ ]?[1-9(]))[ ]?(?:\(\+?)?[1-9](?:[ \t().\-/\xa0]{0,2}[0-9]){6,16}(?![0-9]|[.,][0-9])"
)
_AFTER_CUE = re.compile(r"\+?[ ]?(?:\(?0?\)?)?[(]?[0-9](?:[ \t().\-/]{0,2}[0-9]){6,16}(?![0-9A-Za-z_])")
_DATE = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}[-/.](?:0?[1-9]|1[0-2])[-/.][0-9]{1,2}(?![0-9])")
_GROUP = re.compile(r"[ \t().\-/]+(?=[0-9]+$)")
# Behind a cue of that language a number of this exact shape is that country's (ITU national numbering plans).
_NATIONAL = {
    "CN": (re.compile(r"(?:86)?(1[3-9][0-9]{9}|0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})"), "86"),
    "FR": (re.compile(r"(0[1-9][0-9]{8})"), "33"),
    "RU": (re.compile(r"[78]([3489][0-9]{9})"), "7"),
    "JP": (re.compile(r"(0[789]0[0-9]{8}|0[1-9][0-9]{8})"), "81"),
    "KR": (re.compile(r"(01[016789][0-9]{7,8}|0[2-6][0-9]{7,9}|070[0-9]{8})"), "82"),
    "ES": (re.compile(r"([6789][0-9]{8})"), "34"),
}


class Number(NamedTuple):
    """A number found: canonical +E.164 and its span."""

    canonical: str
    start: int
    end: int


def scan_phones(text: str) -> list[Match]:
    """Numbers that begin with + or 00."""
    found = []
    for match in _INTERNATIONAL.finditer(text):
        number = _international(text, match.start(), match.end())
        if number:
            hit = Hit("phone", "phone", number.canonical, "strong", "platforms/phone.toml#international")
            found.append(Match(hit, number.start, number.end))
    return found


def phone_at(text: str, at: int, region: str) -> Number | None:
    """The number that begins at `at`, behind a cue; `region` (may be empty) reads national ones."""
    match = _INTERNATIONAL.match(text, at)
    if match and (number := _international(text, at, match.end())):
        return number
    if not region or not (match := _AFTER_CUE.match(text, at)):
        return None
    digits = "".join(c for c in match[0] if c.isdigit())
    for name in region.split():
        shape, country = _NATIONAL[name]
        national = shape.fullmatch(digits)
        if national:
            return Number(f"+{country}{national[1].removeprefix('0')}", at, match.end())
    return None


def _international(text: str, start: int, end: int) -> Number | None:
    """Longest possible number in the span: trailing groups are given back while it is too long."""
    if date := _DATE.search(text, start + 1, end):
        end = date.start()
    for _ in range(5):
        raw = text[start:end].rstrip(" \t().-/")
        end = start + len(raw)
        digits = "".join(c for c in raw.replace("(0)", "") if c.isdigit())
        digits = digits if raw.startswith("+") else digits[2:]
        if 7 <= len(digits) <= 15 and possible(digits):
            return Number("+" + digits, start, end)
        group = _GROUP.search(raw)
        if not group:
            return None
        end = start + group.start()
    return None


@lru_cache(maxsize=8192)
def possible(digits: str) -> bool:
    """Whether country code and length are possible (not: whether the number is assigned)."""
    import phonenumbers  # its metadata costs 60 ms to load, and most texts hold no number

    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return False
    if f"{number.country_code}{number.national_number}" != digits and not number.italian_leading_zero:
        return False  # a national 0 or trunk digit between: not an international number
    return bool(phonenumbers.is_possible_number(number))
