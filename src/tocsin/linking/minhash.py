"""A keyed sketch of a text, by which near-identical texts are found without reading them again.

MinHash (Broder 1997) over runs of five letters and digits, so that it works without words and in any script, in its
one-pass form: each run falls into one of 32 bins four times over, and each bin keeps its smallest value (Li, Owen
and Zhang 2012); a bin that stays empty borrows from the next (Shrivastava and Li 2014). Every value comes from
BLAKE2b under a key made from `text.key`, and of a value one byte is kept (b-bit MinHash, Li and König 2010): a
stolen database can neither be tried with texts nor read run by run.

Standard library only; a memory of runs met before makes it as fast as numpy on texts of the length of tips
(docs/decisions/0008-copies-without-numpy.md).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from struct import unpack
from typing import NamedTuple

from tocsin.lib import keys

GRAM = 5  # letters and digits a run
REPEATS, BINS = 4, 32
SLOTS = REPEATS * BINS  # bytes of a signature
BANDS, ROWS = 8, 3  # three equal values in one of eight bands make two texts candidates
ENOUGH = 40  # letters without which a text says too little to be recognised
NAMES_KEPT = 8  # identifiers of a tip that a sketch keeps
ALIKE = 0.55  # of the runs of both texts together: from here on they are copies

_REMEMBERED = 65_536  # runs, about 25 MB
_BITS = 27  # of a value, below the five bits of its bin
_EMPTY = 1 << 32
_ADDRESS = re.compile(
    r"(?:\w[\w+.-]*://|www\.)\S+|\S+@\S+|[@#]\w+|\S*\w[./:]\w\S*[/=?&]\S*|\b\w+(?:\.\w+)+\b|\d[\d \-().]{4,}\d",
    re.ASCII,
)
# What people put around a message that they pass on. Cut out; what is not known here only lowers the likeness.
_AROUND = re.compile(
    r"^[>|\s]*(?:from|to|cc|date|sent|subject|de|à|envoyé|objet|发件人|收件人|发送时间|日期|主题|寄件者|收件者|主旨)\s*[:：].*$"
    r"|-*\s*\[?\b(?:begin )?(?:forwarded|original) message\b\]?\s*(?:from [^:\n]{1,40})?:?\s*-*"
    r"|\b(?:fwd?|fw|tr|re)\s*:"
    r"|-*\s*\[?(?:message (?:transféré|d'origine)|début du message (?:transféré|réexpédié))\]?\s*:?\s*-*"
    r"|-*\s*[\[【]?(?:转发(?:的)?(?:消息|邮件|信息)|转发自.{0,20}?|转发|轉發(?:訊息|郵件)?|轉寄|原始邮件)[\]】]?\s*[:：]?\s*-*"
    r"|\b(?:please|pls|plz) (?:share|forward|pass (?:this |it )?on|spread the word)(?: this| it)?(?: (?:widely|with everyone|with everybody|to everyone))?"
    r"|\bforwarded(?: many times)?\b"
    r"|\b(?:merci de |à |s'il vous plaît |svp )?(?:partager|partagez|faire suivre|faites suivre|faites tourner)(?: s'il vous plaît| svp| à tous| autour de vous)?"
    r"|(?:请|請|麻烦|求)?(?:大家)?(?:帮忙)?(?:转发|扩散|分享|轉發|擴散)(?:一下|出去|给.{0,6}?人)?",
    re.MULTILINE | re.IGNORECASE,
)
_NOT_TEXT = re.compile(r"[\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_WORTH = 1.5  # what a wide character counts beyond one: it says what two or three letters say


class Sketch(NamedTuple):
    """What is kept of one text: its signature, the smallest numbers of what it names, and its bands' keys."""

    signature: bytes  # 128 bytes; empty: too little text
    names: bytes  # four bytes an identifier
    bands: tuple[int, ...]


NOTHING = Sketch(b"", b"", ())


def sketch(text: str, spans: Iterable[tuple[int, int]] = (), names: Collection[int] = ()) -> Sketch:
    """The sketch of a text without the identifiers that stand at `spans` (code points), which are `names` (numbers).

    Time linear in the text. Empty where less than `ENOUGH` letters are left: a bare link, a greeting.
    """
    letters = plain(text, spans)
    if not said_enough(letters):
        return NOTHING
    low = _lowest(letters)
    kept = b"".join((name & 0xFFFFFFFF).to_bytes(4, "big") for name in sorted(set(names))[:NAMES_KEPT])
    return Sketch(bytes(value & 0xFF for value in low), kept, tuple(_bands(low)))


def plain(text: str, spans: Iterable[tuple[int, int]] = ()) -> str:
    """The letters and digits alone: one case and width, no addresses, nothing that forwarding puts around."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    text = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_TEXT.sub("", _AROUND.sub(" ", _ADDRESS.sub(" ", text)))


def said_enough(letters: str) -> bool:
    """Whether there is text enough to tell a copy from a chance: a Chinese character says what 2.5 letters say."""
    return len(letters) >= ENOUGH or len(letters) + _WORTH * len(_WIDE.findall(letters)) >= ENOUGH


def likeness(one: bytes, other: bytes) -> float:
    """The share of runs that two texts have in common (Jaccard, 0 to 1), from their signatures; error about 0.04."""
    if one == other:
        return 1.0
    equal = sum(a == b for a, b in zip(one, other, strict=True))
    return max(0.0, (equal / SLOTS - 1 / 256) / (1 - 1 / 256))  # one byte is equal by chance in 256


def name_same(one: bytes, other: bytes) -> bool:
    """Whether what two texts name does not keep them apart: something in common, or one of them names nothing."""
    if not one or not other:
        return True
    return not _quads(one).isdisjoint(_quads(other))


def _quads(names: bytes) -> set[bytes]:
    return {names[at : at + 4] for at in range(0, len(names), 4)}


def _lowest(letters: str) -> list[int]:
    """The smallest value of each of the 128 bins."""
    low = [_EMPTY] * SLOTS
    hashes = _hasher(keys.raw("text.key"))
    for a, b, c, d in map(hashes, {letters[at : at + GRAM] for at in range(max(1, len(letters) - GRAM + 1))}):
        if a < low[slot := a >> _BITS]:
            low[slot] = a
        if b < low[slot := (b >> _BITS) + 32]:
            low[slot] = b
        if c < low[slot := (c >> _BITS) + 64]:
            low[slot] = c
        if d < low[slot := (d >> _BITS) + 96]:
            low[slot] = d
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
    key = _key(keys.raw("text.key"))
    for band in range(BANDS):
        values = (low[(band * 4 + step * (BINS + 1)) % SLOTS] for step in range(ROWS))
        said = bytes((band,)) + b"".join(value.to_bytes(5, "big") for value in values)
        digest = hashlib.blake2b(said, key=key, digest_size=8, person=b"tocsin-band").digest()
        yield int.from_bytes(digest, "big") >> 1


def _key(text_key: bytes) -> bytes:
    return hashlib.blake2b(key=text_key, digest_size=32, person=b"tocsin-copies").digest()


@lru_cache(maxsize=1)
def _hasher(text_key: bytes) -> Callable[[str], tuple[int, int, int, int]]:
    """Four 32-bit values of a run, under the key."""
    keyed = hashlib.blake2b(key=_key(text_key), digest_size=16, person=b"tocsin-run")

    @lru_cache(maxsize=_REMEMBERED)
    def hashes(run: str) -> tuple[int, int, int, int]:
        one = keyed.copy()
        one.update(run.encode("utf-8", "surrogatepass"))
        a, b, c, d = unpack("<4I", one.digest())
        return a, b, c, d

    return hashes
