"""Which signals are in force: the hotline's own file, its last good version, or the one that comes with Tocsin.

`TOCSIN_HOME/signals.toml` takes the place of the shipped file. It is read again when it changes. A file with an
error changes nothing: the last good version stays in force, also after a restart (a copy lies beside it).
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tocsin.cases.signals_data import Problem, SignalsError, parse
from tocsin.cases.signals_rows import Signals
from tocsin.lib import keys

SHIPPED = Path(__file__).parent / "data" / "signals.toml"
OWN, LAST_GOOD = "signals.toml", "signals.last-good.toml"
Stamp = tuple[int, int, int] | None
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InForce:
    """The signals that count now, the file that they come from, and what is wrong with the hotline's own file."""

    signals: Signals
    file: Path
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Seen:
    stamp: Stamp
    found: InForce


_seen: dict[str, _Seen] = {}  # home -> what was read last
_reading = threading.Lock()


@lru_cache(maxsize=8)
def _paths(_home: str) -> tuple[str, Path]:
    """The hotline's own file, and the copy of its last good version. Asked once a home: resolving costs."""
    home = keys.home()
    return str(home / OWN), home / LAST_GOOD


def in_force() -> InForce:
    """What counts now. One look at the file's time and size; it is read only when those changed."""
    home = os.environ.get("TOCSIN_HOME", "")
    own, copy = _paths(home)
    stamp, seen = _stamp(own), _seen.get(own)
    if seen is None or seen.stamp != stamp:
        with _reading:
            seen = _seen.get(own)
            if seen is None or seen.stamp != stamp:
                seen = _Seen(stamp, _read(Path(own), copy, stamp, seen))
                _seen[own] = seen
    return seen.found


def own_file() -> Path:
    """Where the hotline's own file is looked for."""
    return Path(_paths(os.environ.get("TOCSIN_HOME", ""))[0])


def read(path: Path) -> Signals:
    """The signals of one file. Raises `SignalsError` with lines and reasons, also where it cannot be read."""
    return parse(_text(path), path.name)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SignalsError([Problem(path.name, 1, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SignalsError([Problem(path.name, line, "not UTF-8")]) from None


@lru_cache(maxsize=1)
def shipped() -> Signals:
    """The signals that come with Tocsin."""
    return read(SHIPPED)


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for every tip: a Path costs more than the call
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(own: Path, copy: Path, stamp: Stamp, before: _Seen | None) -> InForce:
    if stamp is None:
        return InForce(shipped(), SHIPPED)
    try:
        text = _text(own)
        found = parse(text, own.name)
    except SignalsError as error:
        log.error("the signals file cannot be used, the last good version stays in force: %s", error)
        return _last_good(own, copy, before, tuple(error.problems))
    _keep(text, copy)
    return InForce(found, own)


def _last_good(own: Path, copy: Path, before: _Seen | None, problems: tuple[Problem, ...]) -> InForce:
    if before is not None and before.found.file in (own, copy):
        return InForce(before.found.signals, before.found.file, problems)
    with contextlib.suppress(SignalsError):
        return InForce(read(copy), copy, problems)
    return InForce(shipped(), SHIPPED, problems)


def _keep(text: str, copy: Path) -> None:
    """Keep the good text beside the file, whole or not at all. A home that cannot be written only loses the copy."""
    try:
        if copy.exists() and copy.read_bytes() == text.encode():
            return
        descriptor, name = tempfile.mkstemp(prefix=".signals-", dir=copy.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(copy)
    except OSError as error:
        log.warning("no copy of the good signals file could be kept: %s", error.strerror)
