"""Facts beside an identifier: fees and member counts, PGP fingerprints, web-analytics ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .model import Match
from .words import Words

_CHINESE = "〇零一二两兩三四五六七八九十百千万萬亿億"
_DIGIT = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_UNIT = {"十": 10, "百": 100, "千": 1000}
_BIG = {
    "万": 10_000,
    "萬": 10_000,
    "亿": 100_000_000,
    "億": 100_000_000,
    "만": 10_000,
    "천": 1000,
    "千": 1000,
}
_SUFFIX = {
    "k": 1000,
    "w": 10_000,
    "m": 1_000_000,
    "тыс": 1000,
    "тыс.": 1000,
    "млн": 1_000_000,
    "mille": 1000,
    "mil": 1000,
    "ألف": 1000,
}
_SCALE = r"(?:[ ]?(?:万|萬|亿|億|만|천|千|тыс\.?|млн|mille|mil|ألف)|[kKwW](?![a-zA-Z]))?"
_MONEY_HINT = re.compile(rf"[0-9{_CHINESE}]")
_NEAR = 400  # characters between the fact and the nearest identifier
_PGP = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{4}[ ]{1,2}){9}[0-9A-Fa-f]{4}(?![0-9A-Fa-f])")
_HEX_GROUPS = re.compile(r"[0-9A-Fa-f]{4}[ ]{1,2}[0-9A-Fa-f]{4}[ ]")
_HEX_LONG = re.compile(r"[0-9A-Fa-f]{40}")
_PGP_SOLID = re.compile(
    r"(?:pgp|gpg|openpgp|fingerprint|empreinte|отпечаток|指纹)[^\n]{0,20}?(?<![0-9A-Fa-f])(?:0x)?([0-9A-Fa-f]{40})(?![0-9A-Fa-f])",
    re.IGNORECASE,
)
_ANALYTICS = re.compile(
    r"(?<![A-Za-z0-9])(UA-[0-9]{4,10}-[0-9]{1,4}|G-[A-Z0-9]{10}|GTM-[A-Z0-9]{6,8}|(?:ca-)?pub-[0-9]{16})(?![A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """An observation with its span in the cleaned text."""

    kind: str
    value: str
    unit: str | None
    period: str | None
    start: int
    end: int


def has_number(text: str) -> bool:
    """Whether there is a digit or a Chinese numeral at all."""
    return _MONEY_HINT.search(text) is not None


def scan_observations(words: Words, text: str, matches: list[Match]) -> list[Fact]:
    """Facts within reach of an identifier; `text` has what was found as an identifier blanked out."""
    facts: list[Fact] = []
    if matches:
        tables = _tables(words)
        spans = [(m.start, m.end) for m in matches[:200]]
        facts += _numbers(tables, text, spans)
    if len(text) > 10:
        facts += _ids(text)
    facts.sort(key=lambda fact: (fact.start, -fact.end))
    kept: list[Fact] = []
    for fact in facts:
        if not kept or fact.start >= kept[-1].end:
            kept.append(fact)
    return kept


def _is_near(begin: int, stop: int, spans: list[tuple[int, int]]) -> bool:
    return any(begin - end <= _NEAR and start - stop <= _NEAR for start, end in spans)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Expressions for the text before a numeral (they end where it begins) and behind it."""

    before_fee: re.Pattern[str]
    behind_fee: re.Pattern[str]
    before_count: re.Pattern[str]
    behind_count: re.Pattern[str]
    periods: dict[str, str]
    units: dict[str, str]
    fee_ends: frozenset[str]  # characters before a numeral that can end a word or sign of a fee, of a count
    count_ends: frozenset[str]


# It begins with a set of characters, so that `re` finds the first of them in one tight loop.
_NUMERAL = re.compile(
    rf"[0-9{_CHINESE}](?<![0-9A-Za-z.,].)(?:(?<=[{_CHINESE}])[{_CHINESE}]{{0,11}}"
    r"|(?<=[0-9])(?:[0-9]{0,2}(?:[ .,][0-9]{3})+(?![0-9])|[0-9]{0,8}(?:[.,][0-9]{1,2}(?![0-9]))?))"
)
_SCALE_RE = re.compile(_SCALE, re.IGNORECASE)
_WINDOW = 24  # characters before a numeral that can belong to it


@lru_cache(maxsize=4)
def _tables(words: Words) -> _Tables:
    """The expressions, built from data/money.toml."""
    money = words.money
    periods = {w.lower(): name for name, group in money["periods"].items() if name != "before" for w in group}
    units = {sign.lower(): code for sign, code in money["units"].items()}
    unit, every = _any(list(units)), _any(money["periods"]["before"])
    spaced = _any([w for w in periods if w < "\u2e80"])
    glued = _any([w for w in periods if w >= "\u2e80"])
    before_fee = (
        rf"(?:(?P<lead>{_any(money['leads']['words'])})[ ]?[:=是为はが]?[ ]?)?(?:(?P<front>{unit})[ ]?)?$"
    )
    behind_fee = (
        rf"(?:[ ]?(?P<back>{unit})(?![a-zà-ÿ]))?"
        rf"(?:[ ]?(?:/[ ]?|(?:{every})(?![a-z])[ ]?)(?P<period>{spaced}|{glued})(?![a-zà-ÿа-яё])"
        rf"|\.?[ ](?P<period2>{spaced})(?![a-zà-ÿа-яё])|(?:一|1)?(?P<period3>{glued})(?![号日]))?"
    )
    before_count = (
        rf"(?:{_any(money['counts']['before'])})[ ]?(?:数|數|已有|有|共)?[ ]{{0,2}}[:=]?[ ]{{0,2}}$"
    )
    behind_count = rf"[+ ]{{0,2}}(?:{_any(money['counts']['after'])})(?![a-zà-ÿ])"
    first, second, third, fourth = (
        re.compile(source, re.IGNORECASE) for source in (before_fee, behind_fee, before_count, behind_count)
    )
    fee_ends = {word[-1].lower() for word in (*units, *money["leads"]["words"])} | set(":=是为はが")
    count_ends = {word[-1].lower() for word in money["counts"]["before"]} | set("数數有共:=")
    return _Tables(first, second, third, fourth, periods, units, frozenset(fee_ends), frozenset(count_ends))


def _numbers(tables: _Tables, text: str, spans: list[tuple[int, int]]) -> list[Fact]:
    """A fee or a count for each numeral that stands beside a word or sign of one, and near one of `spans`."""
    found = []
    for numeral in _NUMERAL.finditer(text):
        if not _is_near(numeral.start() - _WINDOW, numeral.end() + _WINDOW, spans):
            continue  # the fact is at most a little longer: looked at again when it is known
        scale = _SCALE_RE.match(text, numeral.end())
        end = scale.end() if scale else numeral.end()
        value = number(numeral[0], text[numeral.end() : end])
        if value is not None:
            start = numeral.start()
            fact = _count(tables, text, start, end, value) or _fee(tables, text, start, end, value)
            if fact and _is_near(fact.start, fact.end, spans):
                found.append(fact)
    return found


def _fee(tables: _Tables, text: str, start: int, end: int, value: str) -> Fact | None:
    """A number with a money sign, or behind a word for a fee ("月费333")."""
    window, before = max(0, start - _WINDOW), None
    if text[window:start].rstrip(" \n")[-1:].lower() in tables.fee_ends:
        before = tables.before_fee.search(text[window:start])
        if before and before["front"] and _ends_a_price(text, window + before.start("front")):
            before = None
    behind = tables.behind_fee.match(text, end)
    if behind is None:  # cannot be: every part may be empty
        return None
    lead, sign = before and before["lead"], (before and before["front"]) or behind["back"]
    if not (sign or lead):
        return None
    unit = tables.units.get(sign.lower()) if sign else None
    if sign in _TENTHS and _TENTH.match(text, behind.end("back")) and value.isdigit():
        value = f"{value}.{_DIGIT[text[behind.end('back')]]}"  # 二十八块八
    word = behind["period"] or behind["period2"] or behind["period3"] or ""
    period = tables.periods.get(word.lower()) or _LEAD_PERIODS.get((lead or " ").lstrip("包每매")[:1])
    return Fact(
        "fee", value, unit or None, period, window + before.start() if before else start, behind.end()
    )


def _ends_a_price(text: str, at: int) -> bool:
    """Whether the sign at `at` belongs to the number before it: of "333元 666元" the first 元 is the first price's."""
    left = text[:at].rstrip(" ")[-1:]
    return left.isdigit() or (left in _CHINESE and left != "")


_TENTHS = frozenset(("块", "元"))
_TENTH = re.compile(rf"[一二三四五六七八九](?![{_CHINESE}0-9个個])")


def _count(tables: _Tables, text: str, start: int, end: int, value: str) -> Fact | None:
    """A number of people, before or behind the word for them."""
    behind = tables.behind_count.match(text, end)
    if behind and (len(value) > 1 or behind[0][-1] not in "人名"):  # 一人 is a word
        return Fact("count", value, None, None, start, behind.end())
    window = max(0, start - _WINDOW)
    if text[window:start].rstrip(" \n")[-1:].lower() not in tables.count_ends:
        return None
    before = tables.before_count.search(text[window:start])
    return Fact("count", value, None, None, window + before.start(), end) if before else None


_LEAD_PERIODS = {
    "월": "month",
    "연": "year",
    "月": "month",
    "年": "year",
    "周": "week",
    "日": "day",
    "季": "quarter",
}


def _any(words: list[str]) -> str:
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(_bounded(w) for w in ordered)


def _bounded(word: str) -> str:
    """A word as an expression; Latin and Korean ones do not begin inside another word (회원 is no 원)."""
    left = r"(?<![A-Za-zà-ÿ])" if word[0].isascii() and word[0].isalpha() else ""
    if "\uac00" <= word[0] <= "\ud7a3":
        left = r"(?<![\uac00-\ud7a3])"
    return left + re.escape(word)


def _ids(text: str) -> list[Fact]:
    """Fingerprints and analytics ids; each expression runs only where its plainest part occurs."""
    found = []
    if any(word in text for word in ("UA-", "G-", "GTM-", "pub-")):
        found += [
            Fact("analytics", m[1], None, None, m.start(1), m.end(1)) for m in _ANALYTICS.finditer(text)
        ]
    if _HEX_GROUPS.search(text):
        found += [
            Fact("pgp", m[0].replace(" ", "").upper(), None, None, m.start(), m.end())
            for m in _PGP.finditer(text)
        ]
    if _HEX_LONG.search(text):
        found += [
            Fact("pgp", m[1].upper(), None, None, m.start(1), m.end(1)) for m in _PGP_SOLID.finditer(text)
        ]
    return found


def number(text: str, scale: str = "") -> str | None:
    """A number as people write it ("1 927", "3,5", "三百三十三", "1.2万") as a plain decimal; None if it is none."""
    scale = (scale or "").strip().lower()
    factor = _BIG.get(scale) or _SUFFIX.get(scale) or 1
    if text[0] in _CHINESE:
        value = chinese(text)
        return None if value is None else str(value * factor)
    plain = text.replace(" ", "")
    if re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{3})+", plain):
        plain = plain.replace(",", "").replace(".", "")
    plain = plain.replace(",", ".")
    whole, _, part = plain.partition(".")
    scaled = int(whole + part) * factor
    digits = len(part)
    if digits and scaled % 10**digits:
        text = str(scaled).zfill(digits + 1)
        return f"{text[:-digits]}.{text[-digits:]}"
    return str(scaled // 10**digits) if digits else str(scaled)


def chinese(text: str) -> int | None:
    """Value of a Chinese numeral; None for a single unit sign that is a word of its own (千, 万)."""
    if text[0] in "百千万萬亿億" or (len(text) == 1 and text in "两兩零〇"):
        return None
    if all(char in _DIGIT for char in text):
        return int("".join(str(_DIGIT[char]) for char in text))
    total = section = digit = 0
    last = 1
    for char in text:
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _UNIT:
            section += (digit or 1) * _UNIT[char]
            digit, last = 0, _UNIT[char]
        else:
            total = (total + section + digit) * _BIG[char]
            section = digit = 0
            last = _BIG[char]
    if digit and last >= 100 and text[-2] not in "零〇":
        digit *= last // 10  # 三百五 is 350
    return total + section + digit
