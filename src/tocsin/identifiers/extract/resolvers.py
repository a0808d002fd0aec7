"""Arithmetic between spellings of one thing. Each takes the fields of a match and returns them changed.

None means that the digits do not name anything. Nothing here asks the network.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from .words import top_level_domains

Fields = dict[str, str]
Resolver = Callable[[Fields], Fields | None]
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BV = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
_BV_XOR, _BV_MASK, _BV_SWAPS = 23442827791579, (1 << 51) - 1, ((3, 9), (4, 7))
_STEAM_BASE = 76561197960265728


def weibo_mid(fields: Fields) -> Fields | None:
    """`bid` (base 62, groups of four from the right) to `mid` (each group seven digits). Source: yt-dlp weibo.py."""
    bid = fields.get("bid", "")
    if not bid:
        return fields if fields.get("mid") else None
    if bid.isdigit() and len(bid) >= 15:
        return {**fields, "mid": bid}
    groups, rest = [], bid
    while rest:
        number = 0
        for char in rest[-4:]:
            number = number * 62 + _BASE62.index(char)
        if number >= 10_000_000:
            return None
        groups.append(str(number).zfill(7) if len(rest) > 4 else str(number))
        rest = rest[:-4]
    mid = "".join(reversed(groups))
    return {**fields, "mid": mid} if len(mid) >= 9 else None


def bilibili_av(fields: Fields) -> Fields | None:
    """`bv` to `av`: base 58, two swaps, exclusive or, 51 bits. Source: bilibili-API-collect, bvid_desc."""
    bv = fields.get("bv")
    if not bv:
        return {**fields, "av": fields["av"].lstrip("0")} if fields.get("av", "").strip("0") else None
    chars = list("BV" + bv[2:])
    for left, right in _BV_SWAPS:
        chars[left], chars[right] = chars[right], chars[left]
    number = 0
    for char in chars[3:]:
        number = number * 58 + _BV.index(char)
    av = (number & _BV_MASK) ^ _BV_XOR
    return {**fields, "av": str(av)} if 0 < av < _BV_MASK else None


def steam_id64(fields: Fields) -> Fields | None:
    """STEAM_X:Y:Z and [U:1:N] to the 64-bit id. Source: developer.valvesoftware.com/wiki/SteamID."""
    if "id64" in fields:
        return fields
    if "n" in fields:
        account = int(fields["n"])
    else:
        account = 2 * int(fields["z"]) + int(fields["y"])
    return {**fields, "id64": str(_STEAM_BASE + account)} if 0 < account < 1 << 32 else None


def btih_hex(fields: Fields) -> Fields | None:
    """A 32-character base-32 info hash to 40 hex digits (BEP 9)."""
    value = fields["hash"]
    if len(value) == 32:
        try:
            value = base64.b32decode(value.upper()).hex()
        except binascii.Error:
            return None
    return {**fields, "hash": value.lower()}


def plain_name(fields: Fields) -> Fields | None:
    """Names that people chose: NFKC, no surrounding blanks, inner blanks single."""
    return {
        key: " ".join(unicodedata.normalize("NFKC", value).split()) for key, value in fields.items() if value
    }


def tieba_name(fields: Fields) -> Fields | None:
    """A forum's name without the suffix 吧."""
    named = plain_name(fields) or {}
    name = named.get("kw", "")
    return {**named, "kw": name.removesuffix("吧") or name}


def imgur_id(fields: Fields) -> Fields | None:
    """Drop the thumbnail letter behind a seven-character image id."""
    value = fields["id"]
    return {**fields, "id": value[:7] if len(value) == 8 and value[-1] in "sbtmlh" else value}


def digits_only(fields: Fields) -> Fields | None:
    """A number in a messenger link: digits without signs, no leading zero."""
    digits = "".join(c for c in fields.get("phone", "") if c.isdigit())
    return {**fields, "phone": digits} if 7 <= len(digits) <= 15 and digits[0] != "0" else None


def matrix_server(fields: Fields) -> Fields | None:
    """Server names ignore case and end in a real top-level domain; local parts stay as they are."""
    server = fields["server"].lower()
    last = server.partition(":")[0].rpartition(".")[2]
    return {**fields, "server": server} if last in top_level_domains() else None


def query_text(value: str) -> str:
    """A query value decoded: UTF-8, else GBK (old Chinese forums), else with replacement."""
    data = unquote_to_bytes(value.encode("utf-8", "replace"))
    for codec in ("utf-8", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


RESOLVERS: dict[str, Resolver] = {
    f.__name__: f
    for f in (
        weibo_mid,
        bilibili_av,
        steam_id64,
        btih_hex,
        plain_name,
        tieba_name,
        imgur_id,
        digits_only,
        matrix_server,
    )
}
