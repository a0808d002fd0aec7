"""The two menus of the form, from data; and the answers of the two questions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

DANGER = ("yes", "unsure", "no")
ABOUT = ("me", "known", "no")
FILE = Path(__file__).parent / "data" / "menus.toml"


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu in one language: its label and (code, label) in the order of the data."""

    label: str
    options: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=16)
def menu(name: str, language: str) -> Menu:
    """The menu `where` or `what`; a language that the data lacks falls back to English."""
    data, code = _data()[name], language.split("-", 1)[0]
    ordered = sorted(data["option"], key=lambda option: int(option["order"]))
    options = tuple((option["code"], _in(option["label"], code)) for option in ordered)
    return Menu(_in(data["label"], code), options)


def known(name: str, code: str) -> str:
    """The code if the menu has it, else an empty text."""
    return code if code and any(code == option for option, _ in menu(name, "en").options) else ""


def _in(label: dict[str, str], code: str) -> str:
    return label.get(code) or label["en"]
