"""Bytes of a mail part -> text: transfer encoding, character set, HTML. Pure; nothing here raises on bad input.

A part is fetched up to a size, so it may end in the middle of a base64 group, a quoted character or a
multi-byte character: the broken end is left away, the rest is read.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from email.errors import HeaderParseError
from email.header import decode_header

REPLACED = "\ufffd"
# Character sets that occur in mail. Everything else is not looked up: Python's codecs also hold `zlib` or `idna`.
_KNOWN = re.compile(
    r"utf-?(?:7|8|16|32)(?:[-_]?(?:le|be))?|iso-?8859-?\d{1,2}(?:-[ei])?|latin-?1|windows-?\d{3,4}|cp-?\d{3,4}"
    r"|us-ascii|ascii|gb-?2312(?:-80)?|gbk|gb-?18030|hz(?:-gb-2312)?|big5(?:-?hkscs)?|euc[-_]?(?:jp|kr|cn)|shift[-_]?jis"
    r"|sjis|iso-2022-(?:jp(?:-[123]|-ext|-2004)?|kr|cn)|koi8-?[rtu]|mac(?:intosh|cyrillic|greek|latin2|turkish)|tis-?620",
    re.ASCII,
)
_ALIAS = {
    "gb2312": "gb18030", "gb-2312": "gb18030", "gb2312-80": "gb18030", "gbk": "gb18030", "gb-18030": "gb18030",
    "euc-cn": "gb18030", "euccn": "gb18030", "iso-2022-cn": "gb18030", "hz-gb-2312": "hz",
    "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "iso-2022-jp": "iso2022_jp_ext", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-6-i": "iso8859-6", "macintosh": "mac_roman",
    "big5": "cp950", "tis620": "tis-620", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
}  # fmt: skip
_OWN_SHIFT = {"utf-7", "hz", "iso2022_jp_ext", "iso2022_kr", "iso-2022-kr"}  # seven-bit: would pass as ASCII
_WIDE = ("utf-16", "utf16", "utf-32", "utf32")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_PAIRS = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
# First bytes of pictures, films and archives; text is never stored that begins so, whatever its label.
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*", b"\x1aE\xdf\xa3", b"PK\x03\x04", b"%PDF", b"BM",
          b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x00\x00\x01\xba", b"OggS", b"ID3")  # fmt: skip


def transferred(content: bytes, encoding: str) -> bytes:
    """Undo base64 or quoted-printable; any other encoding means the bytes as they are."""
    encoding = encoding.strip().lower()
    if encoding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content.partition(b"=")[0])
        whole = letters[: len(letters) - (1 if len(letters) % 4 == 1 else 0)]
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    if encoding == "quoted-printable":
        return quopri.decodestring(re.sub(rb"=[0-9A-Fa-f]?\Z", b"", content))
    return content


def is_binary(content: bytes, charset: str) -> bool:
    """Whether bytes that are called text are something else: a picture's first bytes, or control characters."""
    start = content[:4096].lstrip(b"\r\n")
    if start[4:8] == b"ftyp" or start.startswith(tuple(magic for magic in _MAGIC if magic != b"BM")):
        return True
    if _codec(charset).startswith(_WIDE) or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    strange = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in start)
    return strange * 20 > len(start) > 0  # a stray control character is a mistake, one in twenty is not text


def decoded(content: bytes, charset: str) -> str:
    """The text. A wrong or missing label is corrected where the bytes tell; what cannot be read becomes U+FFFD."""
    for bom, codec in _BOMS:
        if content.startswith(bom):
            return _loose(content, codec)
    for codec in _candidates(content, _codec(charset)):
        text = _strict(content, codec)
        if text is not None:
            return text
    return _loose(content, _codec(charset) or "utf-8")


def header_text(value: str) -> str:
    """A header with encoded words (RFC 2047), on one line."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        parts = [(value, None)]
    texts = [decoded(part, charset or "") if isinstance(part, bytes) else part for part, charset in parts]
    return re.sub(r"\s+", " ", "".join(texts)).strip()


def _candidates(content: bytes, declared: str) -> list[str]:
    """In which order the bytes are tried. UTF-8 that fits is hardly ever anything else."""
    if declared in _OWN_SHIFT or declared.startswith(_WIDE):
        return [declared, "utf-8"]
    if b"\x1b$" in content:
        return ["iso2022_jp_ext", "iso2022_kr", "utf-8"]
    several_bytes = declared in ("gb18030", "cp950", "cp949", "cp932") or declared.startswith(("euc", "big5"))
    # two Chinese characters of GB 18030 may look like UTF-8 by chance: a declared set is doubted for more only
    doubted = not several_bytes or len(_THREE_BYTES.findall(content)) > 2
    first = ["utf-8", declared] if doubted else [declared, "utf-8"]
    if declared in ("", "cp1252") and _looks_chinese(content):
        first = ["utf-8", "gb18030"]
    return [codec for codec in (*first, "cp1252") if codec]


def _looks_chinese(content: bytes) -> bool:
    """Bytes beyond ASCII that nearly all come in pairs of GB 2312: western texts have them one by one."""
    pairs = len(_PAIRS.findall(content))
    beyond = sum(byte > 127 for byte in content)
    return pairs > 1 and pairs * 2 >= beyond * 0.9


def _codec(charset: str) -> str:
    """Python's name for a declared character set; empty for one that does not occur in mail."""
    name = charset.strip().strip("\"'").lower().replace("x-", "", 1) if charset else ""
    name = name.partition("*")[0]  # RFC 2231 language
    if name in _ALIAS:
        return _ALIAS[name]
    return name if _KNOWN.fullmatch(name) and _exists(name) else ""


def _exists(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _strict(content: bytes, codec: str) -> str | None:
    """The text, or None where the bytes do not fit; an unfinished character at the end is left away."""
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(content, final=False)
    except (UnicodeError, LookupError):
        return None


def _loose(content: bytes, codec: str) -> str:
    try:
        return codecs.getincrementaldecoder(codec)("replace").decode(content, final=False)
    except (UnicodeError, LookupError):
        return content.decode("utf-8", "replace")
