"""The hotline's keys: where they lie, how they are made, who may load which.

Each is looked for in this order: the file that its variable's `_FILE` form names, its environment variable, a
systemd credential of its name (`$CREDENTIALS_DIRECTORY`), a file under `TOCSIN_HOME/keys` (mode 0600):

* `hotline.pub`  X25519 public key, hex: seals. The door needs only this one.
* `hotline.key`  X25519 private key, hex: opens. Console and worker only. **Losing it loses every tip.**
* `old/ID.key`   private keys of before a rotation, each named by its key id: they open what was sealed then
  (as systemd credentials: `old_ID.key`, which `LoadCredential=old:FOLDER` makes).
* `lookup.key`   32 bytes, hex: keyed BLAKE2b tags of sealed values; never in the database.
* `text.key`     32 bytes, hex: keyed tags of normalised texts, which the door writes; never in the database.
* `door.secret`  signs form tokens and reply links.
* `console.secret` Django's SECRET_KEY of the console.
"""

from __future__ import annotations

import hashlib
import os
import re
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
    (base / "old").mkdir(exist_ok=True, mode=0o700)
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
    _sync(file.parent)


def _sync(place: Path) -> None:
    """Have the folder's entries on disk: a power cut must not undo a name while keeping what came after it."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@lru_cache(maxsize=16)
def load(name: str) -> str:
    """The key's text. `KeyMissing` when neither variable nor file holds it."""
    value = env.secret(NAMES[name]) or _credential(name)
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


def _credential(name: str) -> str:
    """What systemd passed on (`LoadCredential=`), or an empty text."""
    given = os.environ.get("CREDENTIALS_DIRECTORY", "")
    file = Path(given) / name
    return file.read_text(encoding="ascii").strip() if given and file.is_file() else ""


def readable_from(name: str) -> str:
    """Where this process can read the key, in words; an empty text where it cannot."""
    variable = NAMES[name]
    if os.environ.get(variable, "").strip():
        return f"the variable {variable}"
    places = {f"{variable}_FILE": os.environ.get(f"{variable}_FILE", "").strip()}
    if given := os.environ.get("CREDENTIALS_DIRECTORY", ""):
        places["the credential"] = str(Path(given) / name)
    places["the file"] = str(folder() / name)
    for where, file in places.items():
        if file and Path(file).is_file() and os.access(file, os.R_OK):
            return f"{where} {file}"
    return ""


def old_names() -> list[str]:
    """Key ids (8 hex characters) of the private keys that were replaced and are still kept."""
    given = os.environ.get("CREDENTIALS_DIRECTORY", "")
    # systemd flattens a folder that it passes on: old/ID.key becomes old_ID.key
    passed = {file.stem.removeprefix("old_") for file in Path(given).glob("old_*.key")} if given else set()
    return sorted(passed | {file.stem for file in (folder() / "old").glob("*.key")})


def old(key_id: str) -> str:
    """The private key (hex) of this id, from `old/`; an empty text where there is none."""
    if given := _credential(f"old_{key_id}.key"):
        return given
    file = folder() / "old" / f"{key_id}.key"
    return file.read_text(encoding="ascii").strip() if file.is_file() else ""


def keep_old(key_id: str, value: str) -> None:
    """Put an old private key back (from a backup); one that is there stays."""
    if not re.fullmatch(r"[0-9a-f]{8}", key_id) or old(key_id):
        return
    (folder() / "old").mkdir(mode=0o700, exist_ok=True)
    _write(folder() / "old" / f"{key_id}.key", value)


def retire(key_id: str) -> Path:
    """Move an old private key to `retired/`: from now on it opens nothing. Returns where it is.

    It is moved, not deleted: backups of before need it. Raises `KeyMissing` where `old/` does not hold it.
    """
    kept = folder() / "old" / f"{key_id}.key"
    if not re.fullmatch(r"[0-9a-f]{8}", key_id) or not kept.is_file():
        raise KeyMissing(f"{kept} is not there. Nothing was changed.")
    place = folder() / "retired"
    place.mkdir(mode=0o700, exist_ok=True)
    kept.replace(place / kept.name)
    _sync(place)
    _sync(kept.parent)
    return place / kept.name


def replace_pair() -> tuple[str, str]:
    """Make a new hotline pair and keep the old private key beside it; returns the (old, new) key ids.

    Killed at any line, nothing is lost: the old key is kept before anything is replaced, and what is sealed with
    either opens. Raises `KeyMissing` where the pair does not lie in files of this home.
    """
    base = folder()
    if any(not readable_from(name).startswith("the file ") for name in ("hotline.key", "hotline.pub")):
        raise KeyMissing(
            "The key pair of this process does not come from files in keys/: make the new pair where it does, "
            "then hand it out as before. Nothing was changed."
        )
    private = PrivateKey(bytes.fromhex((base / "hotline.key").read_text(encoding="ascii").strip()))
    public = bytes.fromhex((base / "hotline.pub").read_text(encoding="ascii").strip())
    if public != bytes(private.public_key) and old(name_of(public)):
        # killed between the two files: the private key is the new one already
        _replace(base / "hotline.pub", private.public_key.encode().hex())
        return name_of(public), name_of(bytes(private.public_key))
    (base / "old").mkdir(mode=0o700, exist_ok=True)
    kept = base / "old" / f"{name_of(bytes(private.public_key))}.key"
    if not kept.exists():
        _replace(kept, private.encode().hex())
    after = PrivateKey.generate()
    _replace(base / "hotline.key", after.encode().hex())
    _replace(base / "hotline.pub", after.public_key.encode().hex())
    return name_of(bytes(private.public_key)), name_of(bytes(after.public_key))


def _replace(file: Path, value: str) -> None:
    """Write a key beside its place and put it there whole, on disk before anything follows."""
    part = file.with_name(f"{file.name}.new")
    part.unlink(missing_ok=True)
    _write(part, value)
    part.replace(file)
    _sync(file.parent)
    load.cache_clear()


def name_of(public: bytes) -> str:
    """The key id that every sealed value carries: 8 hex characters of BLAKE2b of the public key."""
    return hashlib.blake2b(public, digest_size=4, person=b"tocsin-keyid").hexdigest()


def optional(name: str) -> str:
    """Like `load`, but an empty text where the key is missing: for start-up checks."""
    try:
        return load(name)
    except KeyMissing:
        return ""


def raw(name: str) -> bytes:
    """The key's bytes."""
    return bytes.fromhex(load(name))
