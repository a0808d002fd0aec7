"""Typed reading of the environment: one small function a type, and `NAME_FILE` for secrets."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class SettingError(ValueError):
    """A variable holds something that cannot be used; the text names the variable and what it may hold."""


def text(name: str, default: str = "") -> str:
    """The variable's text, stripped; `default` when it is not set."""
    return os.environ.get(name, default).strip()


def boolean(name: str, default: bool = False) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off; anything else is a `SettingError`."""
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise SettingError(f"{name} is {value!r}: write yes or no.")


def integer(name: str, default: int) -> int:
    """A whole number; anything else is a `SettingError`."""
    value = os.environ.get(name)
    if value is None or not value.strip():
        return default
    try:
        return int(value)
    except ValueError:
        raise SettingError(f"{name} is {value!r}: write a whole number.") from None


def choice(name: str, *allowed: str) -> str:
    """One of the allowed words, the first when it is not set; anything else is a `SettingError`."""
    value = os.environ.get(name, "").strip().lower() or allowed[0]
    if value not in allowed:
        raise SettingError(f"{name} is {value!r}: write {' or '.join(allowed)}.")
    return value


def zone(name: str, default: str = "UTC") -> str:
    """A time zone of the IANA database (`Europe/Paris`); anything else is a `SettingError`."""
    value = os.environ.get(name, "").strip() or default
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise SettingError(f"{name} is {value!r}: write a time zone such as Europe/Paris.") from None


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def path(name: str, default: Path) -> Path:
    """An absolute path; `~` is expanded."""
    value = os.environ.get(name, "").strip()
    return (Path(value).expanduser() if value else default).resolve()


def optional_path(name: str) -> Path | None:
    """An absolute path; `~` is expanded. None when the variable is not set."""
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser().resolve() if value else None


def secret(name: str, default: str = "") -> str:
    """The secret itself from `NAME`, or the content of the file that `NAME_FILE` names."""
    file = os.environ.get(f"{name}_FILE", "").strip()
    if not file:
        return os.environ.get(name, default).strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from None
