"""Before anything is looked for: invisible characters out, full-width to ASCII, defanging undone.

Every step keeps a map back to the raw text, so that what is found can be marked there.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

SHORT = 200  # characters up to which one look at all is quicker than choosing where to look
_DROP = 0x200B
_KEPT_FULL_WIDTH = frozenset("．：／＠－＿＋＃＝＆％＄～")
_AS_BLANK = frozenset("|`")
_SAME = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "‐": "-",
    "‑": "-",
    "−": "-",
    "﹣": "-",
    "￥": "¥",
    "٪": "%",
    "〜": " ",
    "﹫": "@",
    "﹒": ".",
    "﹕": ":",
    "․": ".",
    "⁄": "/",
    "∕": "/",
    "→": ">",
    "⇒": ">",
    "➜": ">",
}
_SYMBOLS = frozenset(("So", "Sk", "Cs", "Co", "Cn"))


class _Table(dict[int, int]):
    """A translation table that answers one character with one character and remembers the answer.

    Length never changes here: what must vanish becomes U+200B, which the next step takes out.
    """

    def __missing__(self, code: int) -> int:
        answer = code if code < 0x80 else _answer(chr(code))
        if len(self) < 40_000:
            self[code] = answer
        return answer


def _answer(char: str) -> int:
    if char in _SAME:
        return ord(_SAME[char])
    if char == "。":
        return ord(char)  # may be a defanged dot: decided with its neighbours
    category = unicodedata.category(char)
    if category in ("Cf", "Mn") and (category == "Cf" or "\ufe00" <= char <= "\ufe0f" or char == "\u034f"):
        return _DROP
    if category in ("Nd",):
        return ord("0") + unicodedata.digit(char)
    if category[0] == "P" and char not in _KEPT_FULL_WIDTH:
        return ord(" ")
    if category in _SYMBOLS or category[0] == "Z" or category == "Cc":
        return ord("\n") if char in "\u2028\u2029\x85" else ord(" ")
    folded = unicodedata.normalize("NFKC", char)
    return ord(folded) if len(folded) == 1 else ord(char)


_TABLE = _Table({ord(c): ord(" ") for c in _AS_BLANK})
_TABLE.update({n: (n if n in (9, 10, 13) else 32) for n in range(32)})
_TABLE[0x7F] = 32


def _translated(odd: re.Match[str]) -> str:
    return odd[0].translate(_TABLE)


_DROPPED = re.compile("\u200b+")
# All but the letters that are certain to stay: these are passed over in one tight loop. A test holds this to _TABLE.
_ODD = re.compile(
    r"[^\t\n\r -_a-{}~\u00c0-\u00ff\u0410-\u044f\u0621-\u063a\u0641-\u064a\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3]+"
)

_OPEN, _CLOSE = r"[ \t]?[\[({<][ \t]?", r"[ \t]?[\])}>]"
_NAMED = {
    ".": r"\.|,|dot|punkt|point|punto|点|點|。|точка|ドット|닷|نقطة",
    "@": r"@|at|arobase|arroba|chez|艾特|собака",
    ":": ":",
    "://": "://",
    "/": "/",
}
# One alternative a group; the order of the groups is the order of _PUT.
_PUT = (".", "@", ":", "://", "/", ".", "http", "http", "//", ".", ".", "@", ".")
_LABEL_BEFORE, _LABEL_AFTER = r"(?<=[A-Za-z0-9])", r"(?=[A-Za-z0-9])"
_DEFANG = re.compile(
    r"(?:"
    + "|".join(f"({_OPEN}(?:{words}){_CLOSE}[ \\t]?)" for words in _NAMED.values())
    + rf"|({_LABEL_BEFORE}(?:\[\.|\.\]|\\\.){_LABEL_AFTER})"
    + r"|((?<![a-z0-9])h(?:xx|XX|Xx|xX|\*\*|tx|__)p(?=s?(?::|\[|\(| ?:))|(?<![a-z0-9])meow(?=s?://))"
    + r"|(h(?:tt|xx)p(?=\[s\]|s?[ \t]{0,2}:[ \t]{0,2}//|s?:\\\\))"
    + r"|((?<=:)\\\\(?=[a-z0-9])|(?<=[ps]:)[ \t]//(?=[a-z0-9]))"
    + r"|((?<=[A-Za-z0-9])[ \t]?[点點][ \t]?(?=[A-Za-z0-9]))"
    + r"|((?<=[A-Za-z0-9])。(?=[A-Za-z0-9]))"
    + r"|((?<=[a-z0-9])[ \t](?:at|AT|arobase)[ \t](?=[a-z0-9.-]{2,60}[ \t](?:dot|DOT|point)[ \t][a-z]{2}))"
    + r"|((?<=[a-z0-9])[ \t](?:dot|DOT)[ \t](?=[a-z0-9])))",
    re.IGNORECASE,
)
_WORD_DOT = (10, 11, 13)
_BARE_AT = 12
_LAST_WORD = re.compile(r"[A-Za-z0-9._+-]*$")
# "meet me at example dot com": ordinary words before "at" are no mailbox
_NO_LOCAL = frozenset((
    "me", "us", "him", "her", "them", "it", "you", "look", "looked", "looking", "meet", "met", "work", "works", "be", "is",
    "was", "are", "were", "find", "found", "stay", "live", "lives", "available", "out", "over", "up", "down", "good", "bad",
    "arrive", "stop", "point", "aim", "here", "there", "home", "email", "mail", "contact", "reach", "hosted", "site", "page",
    "see", "seen", "saw", "video", "photo", "group", "store", "shop", "people", "one", "all", "not", "only", "now", "later",
    "and", "or", "back", "online", "this", "that", "account", "profile", "channel", "posted", "sold", "sells", "buy", "read",
))  # fmt: skip
_TRIGGERS = re.compile(r"[\[({\\。点點*]")
_TRIGGER_WORDS = (
    "hxxp",
    "htxp",
    "h__p",
    "meow:",
    " dot ",
    " at ",
    " arobase ",
    " point ",
    "p :",
    "s :",
    ": //",
)
_TAIL = re.compile(r"[A-Za-z0-9-]*")


class Edits:
    """One round of replacements, as a map from places of the new text to those of the old one.

    Four sorted lists, an entry a replacement: a list of all characters would cost more than the search itself.
    """

    __slots__ = ("begins", "ends", "starts", "stops")

    def __init__(self) -> None:
        self.begins: list[int] = []  # in the old text
        self.stops: list[int] = []
        self.starts: list[int] = []  # in the new text
        self.ends: list[int] = []

    def old(self, start: int, last: int) -> tuple[int, int]:
        """First and last place in the old text of those between `start` and `last` (both included) in the new."""
        index = bisect_right(self.ends, start)
        if index < len(self.starts) and self.starts[index] <= start:
            start = self.begins[index]
        elif index:
            start += self.stops[index - 1] - self.ends[index - 1]
        index = bisect_right(self.ends, last)
        if index < len(self.starts) and self.starts[index] <= last:
            last = self.stops[index] - 1
        elif index:
            last += self.stops[index - 1] - self.ends[index - 1]
        return start, last


class Clean(NamedTuple):
    """Text ready to be searched, and the rounds of edits that led to it, first one first."""

    text: str
    edits: tuple[Edits, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Raw (start, end) of a clean span that holds at least one character."""
        last = end - 1
        for edits in reversed(self.edits):
            start, last = edits.old(start, last)
        return start, last + 1


def clean(raw: str, tlds: frozenset[str]) -> Clean:
    """Cleaned text of `raw` (see the module's docstring). Linear in its length; accepts any str."""
    text = raw
    if not raw.isascii() or not raw.isprintable() or "|" in raw or "`" in raw:
        text = _ODD.sub(_translated, raw)
    done = Clean(text, ())
    if not text.isascii() and "\u200b" in text:
        done = _edit(done, [(m.start(), m.end(), "") for m in _DROPPED.finditer(text)])
    lower = same_length_lower(done.text)
    if _TRIGGERS.search(done.text) or _has_trigger_word(lower):
        done = _refang(done, lower, tlds)
    if "。" in done.text:
        done = Clean(done.text.replace("。", " "), done.edits)
    return done


def same_length_lower(text: str) -> str:
    """Lower case, where every character keeps its place (a dotted capital I would become two)."""
    lower = text.lower()
    return (
        lower
        if lower.isascii() or len(lower) == len(text)
        else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


def words_with(text: str, needle: str, at: int = 0) -> Iterator[tuple[int, int]]:
    """Spans of the blank-separated words of `text`, from `at` on, that hold `needle`."""
    end = at
    while (at := text.find(needle, end)) >= 0:
        start = text.rfind(" ", end, at) + 1 or end
        end = text.find(" ", at)
        if end < 0:
            end = len(text)
        yield start, end


def _has_trigger_word(lower: str) -> bool:
    for word in _TRIGGER_WORDS:  # noqa: SIM110  # any() of a generator costs three times as much, for every text
        if word in lower:
            return True
    return False


def _refang(source: Clean, lower: str, tlds: frozenset[str]) -> Clean:
    edits, at = [], 0
    for place in _places(source.text, lower.replace("\t", " ") if "\t" in lower else lower):
        found = _DEFANG.match(source.text, place) if place >= at else None
        if found:
            at = found.end()
            index = found.lastindex or 0
            if index == _BARE_AT and _word_before(source.text, place) in _NO_LOCAL:
                continue
            if index not in _WORD_DOT or _before_tld(source.text, at, tlds):
                edits.append((place, at, _PUT[index - 1]))
    if edits:
        source = _edit(source, edits)
        lower = same_length_lower(source.text)
    if "http" not in lower:
        return source
    schemes = (_SECURE.match(source.text, place) for place in _all(lower, "http"))
    rest = [(m.start(), m.end(), put) for m in schemes if m and (put := _NO_SCHEME.sub("", m[0])) != m[0]]
    return _edit(source, rest) if rest else source


def _word_before(text: str, place: int) -> str:
    found = _LAST_WORD.search(text, max(0, place - 16), place)
    return found[0].lower() if found else ""


def _places(text: str, lower: str) -> list[int]:
    """Where an alternative of _DEFANG can begin, sorted: at few places, which are quick to find."""
    places = {at for mark in _MARKS.finditer(text) for at in (mark.start() - 1, mark.start()) if at >= 0}
    for word, before in _MARK_WORDS:
        if word in lower:
            places.update(at + before for at in _all(lower, word) if at + before >= 0)
    return sorted(places)


def _all(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


# Signs at which, or one character before which, an alternative begins; and words, with the way to its begin.
_MARKS = re.compile(r"[\[({<\]\\点點。]")
_MARK_WORDS = (
    ("xxp", -1),
    ("**p", -1),
    ("htxp", 0),
    ("h__p", 0),
    ("meow", 0),
    (" at ", 0),
    (" arobase ", 0),
    (" dot ", 0),
    (": //", 1),
)
_SECURE = re.compile(r"http(?:\[s\]|s?)[ \t]{0,2}:[ \t]{0,2}//", re.IGNORECASE)
_NO_SCHEME = re.compile(r"[\[\] \t]")


def _before_tld(text: str, at: int, tlds: frozenset[str]) -> bool:
    """Whether the labels from `at` on end in a top-level domain: only then a word or 。 was a dot."""
    for _ in range(6):
        label = _TAIL.match(text, at)
        end = label.end() if label else at
        if end == at:
            return False
        joint = _JOINT.match(text, end)
        if not joint:
            return text[at:end].lower() in tlds
        at = joint.end()
    return False


_JOINT = re.compile(r"(?:\.|。|[ \t]?[\[(]?(?:[点點.]|dot)[\])]?[ \t]?)(?=[A-Za-z0-9])", re.IGNORECASE)


def _edit(source: Clean, edits: list[tuple[int, int, str]]) -> Clean:
    """Replace spans (sorted, apart) and carry the map along."""
    text, parts, done, at, shift = source.text, [], Edits(), 0, 0
    for begin, end, put in edits:
        if end <= begin or begin < at:
            continue
        parts += [text[at:begin], put]
        done.begins.append(begin)
        done.stops.append(end)
        done.starts.append(begin + shift)
        shift += len(put) - (end - begin)
        done.ends.append(end + shift)
        at = end
    parts.append(text[at:])
    return Clean("".join(parts), (*source.edits, done))
