"""In which encoding a file is, found by reading it through: UTF-8, UTF-16, UTF-32, GB18030 or Latin-1.

A byte order mark decides. Without one, zeros in every second byte are UTF-16; what is valid UTF-8 is UTF-8, also
with a few damaged places; of the rest, text whose high bytes come in pairs is GB18030 and all else is Latin-1
(read as Windows-1252, its superset, which is what spreadsheets write).
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_CHUNK = 1 << 20
_WINDOW = 1 << 16  # bytes looked at to tell GB18030 from Latin-1
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_ENOUGH = 3  # valid sequences before the first bad byte: then it is damaged UTF-8, not another encoding
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_PAIR = re.compile(rb"[\x81-\xfe][\x80-\xfe]|[\x81-\xfe][\x30-\x39\x40-\x7e]")


class Decoding(NamedTuple):
    """How a file is read: Python's codec, the name that people know, and the bytes of its mark."""

    codec: str
    name: str
    mark: int = 0


def detect(stream: BinaryIO) -> Decoding:
    """The encoding of a stream that can seek; it stands at its beginning afterwards."""
    stream.seek(0)
    head = stream.read(_WINDOW)
    found = _marked(head) or _wide(head) or _utf8(stream) or _eastern_or_western(stream)
    stream.seek(0)
    return found


def decode(raw: bytes) -> tuple[str, Decoding]:
    """The whole text of some bytes; what cannot be read becomes U+FFFD."""
    found = detect(io.BytesIO(raw))
    return raw[found.mark :].decode(found.codec, "replace"), found


def chunks(stream: BinaryIO, found: Decoding, size: int = _CHUNK) -> Iterator[str]:
    """The text of a stream piece by piece, from its beginning."""
    stream.seek(found.mark)
    decoder = codecs.getincrementaldecoder(found.codec)("replace")
    while raw := stream.read(size):
        yield decoder.decode(raw)
    if rest := decoder.decode(b"", final=True):
        yield rest


def _marked(head: bytes) -> Decoding | None:
    return next(
        (Decoding(codec, name, len(mark)) for mark, codec, name in _MARKS if head.startswith(mark)), None
    )


def _wide(head: bytes) -> Decoding | None:
    """UTF-16 without a mark: ASCII in it (line ends, digits, blanks) has a zero in one half of each unit."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 20 < len(head) or min(even, odd) * 4 > max(even, odd):
        return None
    return Decoding("utf-16-le" if odd > even else "utf-16-be", "UTF-16")


def _utf8(stream: BinaryIO) -> Decoding | None:
    """UTF-8 where all of it is valid, or where enough was before the first byte that is not."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    seen, start = 0, 0
    while raw := stream.read(_CHUNK):
        try:
            decoder.decode(raw)
        except UnicodeDecodeError as error:
            good = error.object[: error.start]  # the chunk with what was kept of the one before
            seen = max(seen, len(_SEQUENCE.findall(good, 0, len(good))))
            stream.seek(max(0, start - 1024))
            return Decoding("utf-8", "UTF-8") if seen >= _ENOUGH else None
        if not raw.isascii():
            seen = _ENOUGH
        start += len(raw)
    return Decoding("utf-8", "UTF-8")


def _eastern_or_western(stream: BinaryIO) -> Decoding:
    """The stream stands just before the first byte that is not UTF-8."""
    sample = stream.read(_CHUNK + _WINDOW)
    first = next((place for place, byte in enumerate(sample) if byte >= 0x80), 0)
    sample = sample[first : first + _WINDOW]
    high = sum(byte >= 0x80 for byte in sample)
    pairs = _PAIR.findall(sample)
    both_high = sum(pair[1] >= 0x80 for pair in pairs)
    try:
        codecs.getincrementaldecoder("gb18030")("strict").decode(sample)
    except UnicodeDecodeError as error:
        if error.start < 256 or both_high * 2.2 < high:
            return Decoding("cp1252", "Latin-1")
    # Western letters stand alone between ASCII letters; Chinese ones come in pairs of high bytes
    eastern = both_high * 2 >= high * 0.6
    return Decoding("gb18030", "GB18030") if eastern else Decoding("cp1252", "Latin-1")
