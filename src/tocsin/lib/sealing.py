"""Sealing: what a reporter wrote is encrypted to the hotline's key before it is first stored.

X25519 sealed boxes (libsodium `crypto_box_seal`, through PyNaCl), padded to steps of 512 bytes so that the
length of a sealed value says little about the length of a narrative (design, section 5.1).

Layout: 1 byte version (1), 4 bytes key id (BLAKE2b of the public key), sealed box of
(4 bytes length, content, zeros up to a multiple of 512).
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from tocsin.lib import keys

STEP = 512
VERSION = b"\x01"


class SealBroken(ValueError):
    """A sealed value cannot be opened: another key, or damaged bytes."""


def key_id(public: bytes) -> bytes:
    """Four bytes that name a public key."""
    return bytes.fromhex(keys.name_of(public))


def seal_bytes(content: bytes, public: bytes | None = None) -> bytes:
    """Seal bytes to `public` (32 bytes; the hotline's key when omitted)."""
    to = keys.raw("hotline.pub") if public is None else public
    framed = len(content).to_bytes(4, "big") + content
    padded = framed + bytes(-len(framed) % STEP)
    return VERSION + key_id(to) + _box(to).encrypt(padded)


def open_bytes(sealed: bytes | memoryview, private: bytes | None = None) -> bytes:
    """Open what `seal_bytes` made; `SealBroken` where key or bytes do not fit."""
    data = bytes(sealed)
    if data[:1] != VERSION:
        raise SealBroken("This value was not sealed by Tocsin, or by a newer version.")
    opener = _hotline_opener(data[1:5]) if private is None else SealedBox(PrivateKey(private))
    try:
        padded = opener.decrypt(data[5:])
    except CryptoError:
        raise SealBroken("This value was sealed for another key, or it is damaged.") from None
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]


def seal(content: str, public: bytes | None = None) -> bytes:
    """Seal a text. Lone surrogates survive: a tip is stored as it was sent."""
    return seal_bytes(content.encode("utf-8", "surrogatepass"), public)


def unseal(sealed: bytes | memoryview | None, private: bytes | None = None) -> str:
    """The text again; nothing sealed gives an empty text."""
    if sealed is None:
        return ""
    return open_bytes(sealed, private).decode("utf-8", "surrogatepass")


def seal_json(value: Any, public: bytes | None = None) -> bytes:
    """Seal a JSON value."""
    return seal(json.dumps(value, ensure_ascii=False, sort_keys=True), public)


def unseal_json(sealed: bytes | memoryview | None, private: bytes | None = None) -> Any:
    """The JSON value again; nothing sealed gives None."""
    return None if sealed is None else json.loads(unseal(sealed, private))


@lru_cache(maxsize=4)
def _hotline_box(public: bytes) -> SealedBox[PublicKey]:
    return SealedBox(PublicKey(public))


def _box(public: bytes) -> SealedBox[PublicKey]:
    # Only the hotline's own box is worth keeping; reporters' and recipients' keys are used once.
    return _hotline_box(public) if public == keys.raw("hotline.pub") else SealedBox(PublicKey(public))


def _hotline_opener(name: bytes) -> SealedBox[PrivateKey]:
    """The box that opens what was sealed for this key id: the hotline's current key, or one of before a rotation."""
    box = _openers().get(name)
    if box is None and (kept := keys.old(name.hex())):
        box = SealedBox(PrivateKey(bytes.fromhex(kept)))
    if box is None:
        # a pair made while this process runs: look at the file again, once
        keys.load.cache_clear()
        _openers.cache_clear()
        box = _openers().get(name)
    if box is None:
        raise SealBroken("This value was sealed for another key, or it is damaged.")
    _openers()[name] = box
    return box


@lru_cache(maxsize=1)
def _openers() -> dict[bytes, SealedBox[PrivateKey]]:
    current = PrivateKey(keys.raw("hotline.key"))
    return {key_id(bytes(current.public_key)): SealedBox(current)}


def lookup_tag(purpose: str, value: str) -> str:
    """32 hex characters by which a sealed value is found again: BLAKE2b keyed with a key outside the database.

    `purpose` (at most 16 characters) keeps name spaces apart: the same e-mail address has another tag as a
    contact than as a chat sender.
    """
    digest = hashlib.blake2b(
        value.encode("utf-8", "surrogatepass"),
        key=keys.raw("lookup.key"),
        digest_size=16,
        person=purpose.encode("ascii")[:16],
    )
    return digest.hexdigest()
