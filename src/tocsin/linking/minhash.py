"""A keyed sketch of a text, by which near-identical texts are found without reading them again.

MinHash (Broder 1997) over runs of five letters and digits, so that it works without words and in any script, in its
one-pass form: each run falls into one of 64 bins twice over, and each bin keeps its smallest value (Li, Owen
and Zhang 2012); a bin that stays empty borrows from the next (Shrivastava and Li 2014). Every value comes from
BLAKE2b under a key made from `text.key`, and of a value one byte is kept (b-bit MinHash, Li and König 2010): a
stolen database can neither be tried with texts nor read run by run.

Standard library only; a memory of runs met before makes it faster than datasketch
(docs/decisions/0009-copies-without-numpy.md).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

from tocsin.lib import keys

GRAM = 5  # letters and digits a run
REPEATS, BINS = 2, 64
SLOTS = REPEATS * BINS  # bytes of a signature
BANDS, ROWS = 8, 3  # three equal values in one of eight bands make two texts candidates
ENOUGH = 40  # letters without which a text says too little to be recognised
NAMES_KEPT = 8  # identifiers of a tip that a sketch keeps
ALIKE = 0.6  # of the runs of both texts together: from here on they are copies

_REMEMBERED = 100_000  # runs, about 25 MB; as many again of those before
_BITS = 26  # of a value, below the six bits of its bin
_EMPTY = 1 << 32
_TWO, _BAND = Struct("<2I"), Struct(">BxIxIxI")
_OF_BANDS = itemgetter(
    *((band * 7 + step * (BINS + 21)) % SLOTS for band in range(BANDS) for step in range(ROWS))
)
# a word of four signs or more in which an address or a number stands; its letters are walked over once
_ADDRESS = re.compile(
    r"(?<![!-~])(?=[!-~]{4})[a-z,;:'!?-]*+[!-~]*?(?:[@#/]|(?<=\w)[.]\w|\d{5})[!-~]*", re.ASCII
)
# What people put around a message that they pass on, cut out; what is not known here only lowers the likeness.
# A pattern is tried where one of its words stands.
_AROUND = [
    (
        (":", "："),
        r"^[>|\s]*(?:from|to|cc|date|sent|subject|de|à|envoyé|objet|发件人|收件人|发送时间|日期|主题|寄件者|收件者|主旨)\s*[:：].*$",
    ),
    (
        ("forward", "original"),
        r"\b(?:begin )?(?:forwarded|original) message\b(?:\s*from [^:\n]{1,40})?|\bforwarded\b(?: many times)?",
    ),
    (("fw", "tr", "re"), r"^[>\s]*(?:(?:fwd?|tr|re)\s*:\s*)+"),
    (("message", "transf"), r"(?:début du )?message (?:transféré|d.origine|réexpédié)|^transféré\b"),
    (("转", "轉", "原始"), r"(?:转发|轉發|轉寄|原始)(?:的)?(?:消息|邮件|信息|訊息|郵件)"),
    (
        ("share", "forward", "pass", "spread"),
        r"\b(?:(?:please|pls|plz) (?:share|forward|pass)\b(?: this\b| it\b)?|(?:share|forward|pass) (?:this|it)\b)"
        r"(?: on\b)?(?: widely\b| (?:with|to) every(?:one|body)\b)?|\bspread the word\b",
    ),
    (
        ("partag", "suivre", "tourner"),
        r"(?:merci de |à |svp )?(?:partage[rz]|fai(?:re|tes) (?:suivre|tourner))(?: s.il vous plaît| svp| à tous| autour de vous)?",
    ),
    (
        ("转发", "扩散", "分享", "轉發", "擴散"),
        r"(?:请|請|麻烦|求)?(?:大家)?(?:帮忙)?(?:(?:转发|扩散|分享|轉發|擴散)+)(?:一下|出去|给.{0,6}?人|自)?",
    ),
]
_CUTS = [(cues, re.compile(pattern, re.MULTILINE)) for cues, pattern in _AROUND]
_BLANKS = re.compile(r"[^\S\n]+")
_NOT_TEXT = re.compile(r"[\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_WORTH = 1.5  # what a wide character counts beyond one: it says what two or three letters say


class Sketch(NamedTuple):
    """What is kept of one text."""

    signature: bytes  # 128 bytes; empty: too little text
    bands: tuple[int, ...]  # eight keys; none: too little text


NOTHING = Sketch(b"", ())


def sketch(text: str, spans: Iterable[tuple[int, int]] = ()) -> Sketch:
    """The sketch of a text without the identifiers that stand at `spans` (code points).

    Time linear in the text. `NOTHING` where less than `ENOUGH` letters are left: a bare link, a greeting.
    """
    letters = plain(text, spans)
    if not says_enough(letters):
        return NOTHING
    low = _lowest(letters)
    return Sketch(bytes([value & 0xFF for value in low]), tuple(_bands(low)))


def named(numbers: Iterable[int]) -> bytes:
    """The smallest of the numbers of what a text names, four bytes each: laid behind its signature."""
    kept = sorted({number & 0xFFFFFFFF for number in numbers})[:NAMES_KEPT]
    return b"".join(number.to_bytes(4, "big") for number in kept)


def plain(text: str, spans: Iterable[tuple[int, int]] = ()) -> str:
    """The letters and digits alone: one case and width, no addresses, nothing that forwarding puts around."""
    text = unicodedata.normalize("NFKC", _without(text, spans)).casefold()
    text = _ADDRESS.sub(" ", text)
    text = _BLANKS.sub(" ", text)
    for cues, pattern in _CUTS:
        if any(cue in text for cue in cues):
            text = pattern.sub(" ", text)
    return _NOT_TEXT.sub("", text)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept, at = [], 0
    for start, end in sorted(spans):
        kept.append(text[at:start])
        at = max(at, end)
    return " ".join([*kept, text[at:]])


def says_enough(letters: str) -> bool:
    """Whether there is text enough to tell a copy from a chance: a Chinese character says what 2.5 letters say."""
    return len(letters) >= ENOUGH or len(letters) + _WORTH * len(_WIDE.findall(letters)) >= ENOUGH


def likeness(one: bytes, other: bytes) -> float:
    """The share of runs that two texts have in common (Jaccard, 0 to 1), from their sketches; error about 0.04.

    0 where they name different things: the same words about another account are another message.
    """
    if one == other:
        return 1.0
    if not _name_alike(one[SLOTS:], other[SLOTS:]):
        return 0.0
    differing = int.from_bytes(one[:SLOTS], "big") ^ int.from_bytes(other[:SLOTS], "big")
    equal = differing.to_bytes(SLOTS, "big").count(0) / SLOTS
    return max(0.0, (equal - 1 / 256) / (1 - 1 / 256))  # one byte in 256 is equal by chance


def _name_alike(one: bytes, other: bytes) -> bool:
    """Something in common, or one of them names nothing."""
    return not one or not other or not _quads(one).isdisjoint(_quads(other))


def _quads(names: bytes) -> set[bytes]:
    return {names[at : at + 4] for at in range(0, len(names), 4)}


def _lowest(letters: str) -> list[int]:
    """The smallest value of each of the 128 bins."""
    low = [_EMPTY] * SLOTS
    hashes = _hasher(keys.raw("text.key"))
    runs = {letters[at : at + GRAM] for at in range(max(1, len(letters) - GRAM + 1))}
    for slot, one, place, other in map(hashes.__getitem__, runs):
        if one < low[slot]:
            low[slot] = one
        if other < low[place]:
            low[place] = other
    return _filled(low) if _EMPTY in low else low


def _filled(low: list[int]) -> list[int]:
    """Empty bins take the value of the next one of their round that has one."""
    full = list(low)
    for base in range(0, SLOTS, BINS):
        if low[base : base + BINS].count(_EMPTY) == BINS:
            continue
        value = next(v for v in low[base : base + BINS] if v != _EMPTY)  # for the last ones: round the corner
        for slot in range(base + BINS - 1, base - 1, -1):
            if low[slot] == _EMPTY:
                full[slot] = value
            else:
                value = low[slot]
    return full


def _bands(low: list[int]) -> Iterable[int]:
    """A positive 63-bit key a band, from the band's number and three values of different rounds."""
    blank, values = _banded(keys.raw("text.key")), _OF_BANDS(low)
    for band in range(BANDS):
        keyed = blank.copy()
        keyed.update(_BAND.pack(band, *values[band * ROWS : band * ROWS + ROWS]))
        yield int.from_bytes(keyed.digest(), "big") >> 1


@lru_cache(maxsize=1)
def _banded(text_key: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(key=_key(text_key), digest_size=8, person=b"tocsin-band")


def _key(text_key: bytes) -> bytes:
    return hashlib.blake2b(key=text_key, digest_size=32, person=b"tocsin-copies").digest()


@lru_cache(maxsize=1)
def _hasher(text_key: bytes) -> _Runs:
    return _Runs(_key(text_key))


class _Runs(dict[str, tuple[int, int, int, int]]):
    """run -> two 32-bit values under the key, each behind its bin; computed when asked for, and remembered.

    When there are too many, those that nobody asked for since it last happened are forgotten.
    """

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._keyed = hashlib.blake2b(key=key, digest_size=8, person=b"tocsin-run")
        self._before: dict[str, tuple[int, int, int, int]] = {}

    def __missing__(self, run: str) -> tuple[int, int, int, int]:
        if len(self) >= _REMEMBERED:
            self._before = dict(self)
            self.clear()
        self[run] = values = self._before.pop(run, None) or self._computed(run)
        return values

    def _computed(self, run: str) -> tuple[int, int, int, int]:
        keyed = self._keyed.copy()
        keyed.update(run.encode("utf-8", "surrogatepass"))
        one, other = _TWO.unpack(keyed.digest())
        return one >> _BITS, one, (other >> _BITS) + BINS, other
