"""Every text for people exists in French and Simplified Chinese, and fills the same blanks."""

from __future__ import annotations

import ast
import gettext
import re
from functools import cache
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[2] / "src/tocsin"
LANGUAGES = {"fr": "fr", "zh-hans": "zh_Hans"}
LITERAL = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"\bn?gettext\(({LITERAL})")  # of a plural, the first form is the key
NAMES = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "_n", "N_"}


def in_templates() -> set[str]:
    found: set[str] = set()
    for page in [*SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]:
        code = templatize(page.read_text(encoding="utf-8"), origin=str(page))
        found |= {ast.literal_eval(text.removeprefix("u")) for text in CALL.findall(code)}
    return found


def in_code() -> set[str]:
    found: set[str] = set()
    for module in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
                found |= {
                    a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
                }
    return found


@cache
def texts() -> frozenset[str]:
    return frozenset(in_templates() | in_code())


def catalogue(folder: str) -> dict[str, str]:
    """The compiled catalogue; of a plural all forms, joined."""
    path = SOURCE / f"server/locale/{folder}/LC_MESSAGES/django.mo"
    with path.open("rb") as handle:
        raw = gettext.GNUTranslations(handle)._catalog  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for key, text in raw.items():
        name = key[0] if isinstance(key, tuple) else key
        found[name] = found.get(name, "") + text
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_lacks_a_translation(language: str) -> None:
    assert sorted(texts() - set(catalogue(LANGUAGES[language]))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_the_same_blanks(language: str) -> None:
    blanks = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    for original, translated in catalogue(LANGUAGES[language]).items():
        # a plural's second form may name its number where the first says "one"
        allowed = set(blanks.findall(original)) | {"%(n)s", "%(n)d", "%(number)s", "%(count)s", "%(size)s"}
        assert set(blanks.findall(original)) <= set(blanks.findall(translated)) <= allowed, original


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_source_catalogue(language: str) -> None:
    folder = SOURCE / f"server/locale/{LANGUAGES[language]}/LC_MESSAGES"
    source = (folder / "django.po").read_text(encoding="utf-8")
    assert "#, fuzzy" not in source
    known = catalogue(LANGUAGES[language])
    for block in source.split("\n\n"):
        lines = re.search(r'^msgid (".*(?:\n".*)*)', block, re.M)
        answer = re.search(r'^msgstr(?:\[0\])? (".*(?:\n".*)*)', block, re.M)
        if lines and answer and not block.startswith("#~"):
            text = "".join(ast.literal_eval(part) for part in lines[1].splitlines())
            translated = "".join(ast.literal_eval(part) for part in answer[1].splitlines())
            if text:
                assert translated, f"{text!r} is not translated"
                assert translated in known.get(text, ""), f"{text!r}: compile the catalogue again"
