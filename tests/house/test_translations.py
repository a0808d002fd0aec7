"""Every text for people exists in French and Simplified Chinese, those of public pages in Arabic too."""

from __future__ import annotations

import ast
import gettext
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[2] / "src/tocsin"
LANGUAGES = {"fr": "fr", "zh-hans": "zh_Hans"}
ALL = LANGUAGES | {"ar": "ar"}
# modules whose texts a public page shows
DOOR = (
    "tips/info.py", "tips/legal.py", "tips/form_page.py", "tips/forms.py", "tips/mailbox_page.py", "tips/objections.py",
    "tips/progress.py", "tips/receipt_file.py", "tips/views_door*.py", "tips/views_mailbox.py", "tips/views_objection.py",
    "tips/emergency.py", "tips/api/*.py", "dispatch/forms_door.py", "dispatch/replies.py", "dispatch/pages.py",
    "dispatch/views_door.py", "statistics/shown.py", "statistics/views_door.py", "outcomes/durations.py", "server/errors.py",
)  # fmt: skip
USES = re.compile(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""")
LITERAL = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"\bn?gettext\(({LITERAL})")  # of a plural, the first form is the key
NAMES = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "_n", "N_"}


def _pages() -> dict[str, Path]:
    found = [*SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]
    return {path.as_posix().partition("/templates/")[2]: path for path in found}


def _texts(page: Path) -> set[str]:
    code = templatize(page.read_text(encoding="utf-8"), origin=str(page))
    return {ast.literal_eval(text.removeprefix("u")) for text in CALL.findall(code)}


def in_templates() -> set[str]:
    return {text for page in _pages().values() for text in _texts(page)}


def in_public_templates() -> set[str]:
    """Of the templates that extend the door's base, of that base, and of all that they include."""
    pages = _pages()
    uses = {name: set(USES.findall(page.read_text(encoding="utf-8"))) for name, page in pages.items()}
    door = {"door/base.html"}
    while more := {name for name, used in uses.items() if used & door} - door:  # extends, step by step
        door |= more
    while more := {used for name in door for used in uses.get(name, ())} - door:  # and what these include
        door |= more
    return {text for name in door if name in pages for text in _texts(pages[name])}


def _called(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
            found |= {
                a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
            }
    return found


def in_code() -> set[str]:
    return {text for module in SOURCE.rglob("*.py") for text in _called(module)}


def in_public_code() -> set[str]:
    modules = {path for pattern in DOOR for path in SOURCE.glob(pattern)}
    return {text for module in modules for text in _called(module)}


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


def test_no_text_of_a_public_page_lacks_arabic() -> None:
    public = in_public_templates() | in_public_code()
    assert len(public) > 400
    assert sorted(public - set(catalogue("ar"))) == []


def test_the_data_of_public_pages_has_every_language() -> None:
    menus = tomllib.loads((SOURCE / "tips/data/menus.toml").read_text(encoding="utf-8"))
    places = tomllib.loads((SOURCE / "lib/data/places.toml").read_text(encoding="utf-8"))
    unusable = tomllib.loads((SOURCE / "tips/data/unusable.toml").read_text(encoding="utf-8"))
    texts = [menus[name]["label"] for name in ("where", "what")]
    texts += [option["label"] for name in ("where", "what") for option in menus[name]["option"]]
    texts += [country["names"] for country in places["country"]]
    texts += [places["advice"], places["advice"]["unknown_country"]]
    texts += [reason["answer"] for reason in unusable["reason"] if "answer" in reason]
    assert [text for text in texts if not {"en", "fr", "zh", "ar"} <= text.keys()] == []


@pytest.mark.parametrize("language", ALL)
def test_translations_fill_the_same_blanks(language: str) -> None:
    blanks = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    for original, translated in catalogue(ALL[language]).items():
        # a plural's second form may name its number where the first says "one"
        allowed = set(blanks.findall(original)) | {"%(n)s", "%(n)d", "%(number)s", "%(count)s", "%(size)s"}
        assert set(blanks.findall(original)) <= set(blanks.findall(translated)) <= allowed, original


@pytest.mark.parametrize("language", ALL)
def test_the_compiled_catalogue_is_the_source_catalogue(language: str) -> None:
    folder = SOURCE / f"server/locale/{ALL[language]}/LC_MESSAGES"
    source = (folder / "django.po").read_text(encoding="utf-8")
    assert "#, fuzzy" not in source
    known = catalogue(ALL[language])
    for block in source.split("\n\n"):
        lines = re.search(r'^msgid (".*(?:\n".*)*)', block, re.M)
        answer = re.search(r'^msgstr(?:\[0\])? (".*(?:\n".*)*)', block, re.M)
        if lines and answer and not block.startswith("#~"):
            text = "".join(ast.literal_eval(part) for part in lines[1].splitlines())
            translated = "".join(ast.literal_eval(part) for part in answer[1].splitlines())
            if text:
                assert translated, f"{text!r} is not translated"
                assert translated in known.get(text, ""), f"{text!r}: compile the catalogue again"
