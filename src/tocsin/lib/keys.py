"""The hotline's keys: where they lie, how they are made, who may load which.

Files under `TOCSIN_HOME/keys` (mode 0600), each overridden by an environment variable or its `_FILE` form:

* `hotline.pub`  X25519 public key, hex: seals. The door needs only this one.
* `hotline.key`  X25519 private key, hex: opens. Console and worker only. **Losing it loses every tip.**
* `lookup.key`   32 bytes, hex: keyed BLAKE2b tags of sealed values; never in the database.
* `text.key`     32 bytes, hex: keyed tags of normalised texts, which the door writes; never in the database.
* `door.secret`  signs form tokens and reply links.
* `console.secret` Django's SECRET_KEY of the console.
"""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from nacl.public import PrivateKey

from tocsin.lib import env

NAMES = {
    "hotline.pub": "TOCSIN_PUBLIC_KEY",
    "hotline.key": "TOCSIN_PRIVATE_KEY",
    "lookup.key": "TOCSIN_LOOKUP_KEY",
    "text.key": "TOCSIN_TEXT_KEY",
    "door.secret": "TOCSIN_DOOR_SECRET",
    "console.secret": "TOCSIN_CONSOLE_SECRET",
}


class KeyMissing(RuntimeError):
    """A key that this process needs is not there; the text says which and how it is made."""


def home() -> Path:
    """`TOCSIN_HOME`: everything that this installation keeps lies below it (default `./var`)."""
    return env.path("TOCSIN_HOME", Path("var"))


def folder() -> Path:
    """The folder of the key files."""
    return home() / "keys"


def make() -> list[str]:
    """Make what is missing (never overwrite) and return the names of the files made.

    A public key without its private key is left alone: making a new pair would lose what was sealed.
    """
    base = folder()
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    home().chmod(0o700)
    made: list[str] = []
    if not (base / "hotline.pub").exists() and not (base / "hotline.key").exists():
        pair = PrivateKey.generate()
        _write(base / "hotline.key", pair.encode().hex())
        _write(base / "hotline.pub", pair.public_key.encode().hex())
        made += ["hotline.key", "hotline.pub"]
    for name in ("lookup.key", "text.key", "door.secret", "console.secret"):
        if not (base / name).exists():
            _write(base / name, secrets.token_hex(32))
            made.append(name)
    load.cache_clear()
    return made


def _write(file: Path, value: str) -> None:
    """Create the file with mode 0600 from its first byte, and have it on disk before anything is sealed."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(value + "\n")
        handle.flush()
        os.fsync(handle.fileno())


@lru_cache(maxsize=16)
def load(name: str) -> str:
    """The key's text. `KeyMissing` when neither variable nor file holds it."""
    value = env.secret(NAMES[name])
    if value:
        return value
    file = folder() / name
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        raise KeyMissing(
            f"{file} is missing and {NAMES[name]} is not set. `tocsin init` makes new keys; "
            "if this installation held tips, restore the keys from your backup instead."
        ) from None


def optional(name: str) -> str:
    """Like `load`, but an empty text where the key is missing: for start-up checks."""
    try:
        return load(name)
    except KeyMissing:
        return ""


def raw(name: str) -> bytes:
    """The key's bytes."""
    return bytes.fromhex(load(name))
