"""In which language a short text is: its script first, then the pieces of words that are common in a language.

The pieces (one to three letters, with the edges of words) are counted in the translations that Django ships, so there
is nothing to download and no list to keep: docs/decisions/0008-languages-are-learnt-from-translations.md has the
measurement. Enough to show a language, to filter by it and to ask for a translator; a text that does not tell gives
an empty answer.
"""

from __future__ import annotations

import gettext
import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import django

SAMPLE = 1000  # characters that are looked at
PARTS = ("conf", "contrib/auth", "contrib/admin", "contrib/humanize")  # of Django, each with its translations
PIECE = 3  # letters of the longest piece
RARE = -14.0  # logarithm of the share of a piece that a language does not have
MARGIN, LEAST = 0.06, 4.0  # by how much the best language must lead: for each piece, and in all
WORDS = 40  # that are weighed
UNIT = 1 << 20  # of a logarithm, as whole numbers: their sum does not depend on the order
LONGEST = 60  # letters of a word that are weighed
REMEMBERED = 10_000  # words with their scores, about 10 MB: most words of a text were met before
LATIN = (
    "en",
    "fr",
    "es",
    "pt",
    "de",
    "it",
    "nl",
    "pl",
    "cs",
    "ro",
    "tr",
    "vi",
    "id",
    "sv",
    "da",
    "fi",
    "hu",
    "sw",
)
SCRIPTS = {  # letters -> the languages that are written with them, the likeliest first
    "\uac00-\ud7a3\u1100-\u11ff": ("ko",),
    "\u0400-\u04ff": ("ru", "uk", "bg", "sr"),
    "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f": ("ar", "fa", "ur"),
    "\u0900-\u097f": ("hi",),
    "\u0370-\u03ff\u1f00-\u1fff": ("el",),
    "\u0590-\u05ff": ("he",),
    "\u0e00-\u0e7f": ("th",),
    "\u0980-\u09ff": ("bn",),
    "\u0b80-\u0bff": ("ta",),
    "\u10a0-\u10ff": ("ka",),
    "\u0530-\u058f": ("hy",),
    "\u1780-\u17ff": ("km",),
    "\u1000-\u109f": ("my",),
}
_SCRIPTS = [(re.compile(f"[{letters}]"), languages) for letters, languages in SCRIPTS.items()]
# addresses, handles, numbers: tried once where a run of signs begins
_NAMES = re.compile(r"(?<![!-~])[!-~]*(?:[@/\\0-9_]|\w\[?\.\]?\w)[!-~]*", re.ASCII)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_WORD = re.compile(r"[^\W\d_]+")
_FOREIGN = re.compile(
    r"[^\x00-\u036f\u1e00-\u1eff\u2000-\u2bff]+"
)  # what may be a letter of no Latin alphabet
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1ea0-\u1eff]")
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{[^}]*\}|<[^>]+>|&\w+;")
KANA_SHARE = 0.12  # Japanese writes more of its words in kana than a Chinese text quotes of them


def known() -> list[str]:
    """The codes (ISO 639-1) that `language_of` may give, sorted."""
    return sorted({"zh", "ja", *LATIN, *(code for languages in SCRIPTS.values() for code in languages)})


def language_of(text: str) -> str:
    """ISO 639-1 code of the language that most of the text is in; empty where it does not tell."""
    sample = _NAMES.sub(" ", text[:SAMPLE]).lower()
    words = _WORD.findall(sample)
    if sample.isascii():  # most texts: no other letters to be counted
        return _best(words, LATIN)
    latin, foreign = [word for word in words if _LATIN.match(word)], "".join(_FOREIGN.findall(sample))
    han, kana = len(_HAN.findall(foreign)), len(_KANA.findall(foreign))
    count, languages = max((len(letters.findall(foreign)), languages) for letters, languages in _SCRIPTS)
    if max(han + kana, count) <= len(latin) / 2:
        return _best(latin, LATIN)
    if count > han + kana:
        return languages[0] if len(languages) == 1 else _best(words, languages) or languages[0]
    return "ja" if kana > KANA_SHARE * (han + kana) else "zh"


def _best(words: list[str], among: tuple[str, ...]) -> str:
    """The language whose translations make these words likeliest; nothing where it is a near thing."""
    told = [score for word in words[:WORDS] if (score := _score(word[:LONGEST], among))[0]]
    if not told:
        return ""
    pieces, *scores = map(sum, zip(*told, strict=True))
    second, first = sorted(scores)[-2:]
    return among[scores.index(first)] if first - second > max(LEAST, MARGIN * pieces) * UNIT else ""


@lru_cache(maxsize=REMEMBERED)
def _score(word: str, among: tuple[str, ...]) -> tuple[int, ...]:
    """How many pieces of a word are known at all, and for each language the sum of their logarithms."""
    table = _table(among)
    rows = [row for piece in _pieces(word) if (row := table.get(piece)) is not None]
    return len(rows), *map(sum, zip(*rows, strict=True))


def _pieces(word: str) -> Iterator[str]:
    edged = f" {word} "
    for length in range(1, PIECE + 1):
        for start in range(len(edged) - length + 1):
            yield edged[start : start + length]


@lru_cache(maxsize=8)
def _table(among: tuple[str, ...]) -> dict[str, list[int]]:
    """piece -> for each of the languages the logarithm of its share. Counted once a process, in a quarter second."""
    table: dict[str, list[int]] = {}
    rare = [round(RARE * UNIT)] * len(among)
    for at, code in enumerate(among):
        count: Counter[str] = Counter()
        for word, times in Counter(_words_of(code)).items():
            for piece in _pieces(word):
                count[piece] += times
        all_of_them = math.log(count.total())
        logarithms = {times: round((math.log(times) - all_of_them) * UNIT) for times in set(count.values())}
        for piece, times in count.items():
            table.setdefault(piece, rare.copy())[at] = logarithms[times]
    return table


def _words_of(code: str) -> Iterator[str]:
    """The words of Django's translations into a language; English is what they translate."""
    for part in PARTS:
        shelf = Path(django.__file__).parent / part / "locale"
        path = shelf / ("fr" if code == "en" else code) / "LC_MESSAGES" / "django.mo"
        if not path.exists():
            continue
        with path.open("rb") as file:
            catalogue: dict[str | tuple[str, int], str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        for key, translated in catalogue.items():
            original = key if isinstance(key, str) else key[0]
            if original:
                text = original if code == "en" else translated
                yield from _WORD.findall(_PLACEHOLDER.sub(" ", text).lower())
