"""Before anything is looked for: invisible characters out, full-width to ASCII, defanging undone.

Every step keeps a map back to the raw text, so that what is found can be marked there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DROP = 0x200B
_KEPT_FULL_WIDTH = frozenset("．：／＠－＿＋＃＝＆％＄～")
_AS_BLANK = frozenset("|`")
_SAME = {"’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "−": "-", "﹣": "-", "￥": "¥", "٪": "%",
         "〜": " ", "﹫": "@", "﹒": ".", "﹕": ":", "․": ".", "⁄": "/", "∕": "/", "→": ">", "⇒": ">", "➜": ">"}
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
_DROPPED = re.compile("\u200b+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f|`]")

_OPEN, _CLOSE = r"[ \t]?[\[({<][ \t]?", r"[ \t]?[\])}>]"
_NAMED = {".": r"\.|,|dot|punkt|point|punto|点|點|。|точка|ドット|닷|نقطة", "@": r"@|at|arobase|chez|艾特|собака",
          ":": ":", "://": "://", "/": "/"}
# One alternative a group; the order of the groups is the order of _PUT.
_PUT = (".", "@", ":", "://", "/", ".", "http", "http", "//", ".", ".", "@", ".")
_LABEL_BEFORE, _LABEL_AFTER = r"(?<=[A-Za-z0-9])", r"(?=[A-Za-z0-9])"
_DEFANG = re.compile(
    # The first look at one character spares all alternatives for nearly every place of a text.
    r"(?=[ \t\[({<.\\hHmM点點。/])(?:"
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
_TRIGGERS = frozenset("[({\\。点點*")
_TRIGGER_WORDS = ("hxxp", "htxp", "h__p", "meow:", " dot ", " at ", " arobase ", " point ", "p :", "s :", ": //")
_TAIL = re.compile(r"[A-Za-z0-9-]*")


@dataclass(slots=True)
class Clean:
    """Text ready to be searched. `starts[i]`/`ends[i]`: raw span of its character i; None: same places."""

    text: str
    starts: list[int] | None
    ends: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Raw (start, end) of a clean span that holds at least one character."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def clean(raw: str, tlds: frozenset[str]) -> Clean:
    """Cleaned text of `raw` (see the module's docstring). Linear in its length; accepts any str."""
    text = raw
    if not raw.isascii() or ((not raw.isprintable() or "|" in raw or "`" in raw) and _CONTROLS.search(raw)):
        text = raw.translate(_TABLE)
    done = Clean(text, None, None)
    if not text.isascii() and "\u200b" in text:
        done = _edit(done, [(m.start(), m.end(), "") for m in _DROPPED.finditer(text)])
    if not _TRIGGERS.isdisjoint(done.text) or _has_trigger_word(done.text.lower()):
        done = _refang(done, tlds)
    if "。" in done.text:
        done = Clean(done.text.replace("。", " "), done.starts, done.ends)
    return done


def _has_trigger_word(lower: str) -> bool:
    for word in _TRIGGER_WORDS:  # noqa: SIM110  # any() of a generator costs three times as much, for every text
        if word in lower:
            return True
    return False


def _refang(source: Clean, tlds: frozenset[str]) -> Clean:
    edits = []
    for found in _DEFANG.finditer(source.text):
        index = found.lastindex or 0
        if index in _WORD_DOT and not _before_tld(source.text, found.end(), tlds):
            continue
        edits.append((found.start(), found.end(), _PUT[index - 1]))
    if not edits:
        return source
    done = _edit(source, edits)
    rest = [(m.start(), m.end(), m[0].replace("[", "").replace("]", "").replace(" ", "").replace("\t", ""))
            for m in _SECURE.finditer(done.text)]
    return _edit(done, rest) if rest else done


_SECURE = re.compile(r"http(?:\[s\]|s?)[ \t]{0,2}:[ \t]{0,2}//", re.IGNORECASE)


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
    text, parts, starts, ends, at = source.text, [], list[int](), list[int](), 0
    old_starts = source.starts if source.starts is not None else range(len(text))
    old_ends = source.ends if source.ends is not None else range(1, len(text) + 1)
    for begin, end, put in edits:
        if end <= begin or begin < at:
            continue
        parts += [text[at:begin], put]
        starts += old_starts[at:begin]
        ends += old_ends[at:begin]
        starts += [old_starts[begin]] * len(put)
        ends += [old_ends[end - 1]] * len(put)
        at = end
    parts.append(text[at:])
    starts += old_starts[at:]
    ends += old_ends[at:]
    return Clean("".join(parts), starts, ends)
