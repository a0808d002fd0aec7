"""Why tips cannot be used, and what their reporters are told: `data/unusable.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "unusable.toml"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: its words for analysts, and the answer by language (none: nothing is sent)."""

    code: str
    label: dict[str, str]
    answers: dict[str, str]

    def words(self, language: str) -> str:
        """For analysts, in their language."""
        return _in(self.label, language)

    def answer(self, language: str) -> str:
        """For the reporter, in the tip's language; English where that is not ours, empty where none is sent."""
        return _in(self.answers, language) if self.answers else ""


@lru_cache(maxsize=1)
def reasons() -> dict[str, Reason]:
    """By code, in the order of the data."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["reason"]
    return {row["code"]: Reason(row["code"], row["label"], row.get("answer", {})) for row in rows}


def _in(words: dict[str, str], language: str) -> str:
    return words.get(language.partition("-")[0]) or words["en"]
