"""House rules that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tocsin"
MODULES = [p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts]
PUBLIC_TEXT = [
    p
    for suffix in ("py", "md", "html", "toml", "txt", "jsonl", "json")
    for p in ROOT.rglob(f"*.{suffix}")
    if not {".venv", ".git", "var", "node_modules", "vendor"} & set(p.parts)
]


def test_every_setting_is_documented() -> None:
    used = set(re.findall(r'"((?:TOCSIN|DATABASE)_[A-Z_]+)"', (SOURCE / "server/settings.py").read_text()))
    used |= set(re.findall(r'"(TOCSIN_[A-Z_]+)"', (SOURCE / "lib/keys.py").read_text()))
    text = (ROOT / "docs/settings.md").read_text()
    assert {name for name in used if f"`{name}`" not in text} == set()
    documented = set(re.findall(r"^\| `((?:TOCSIN|DATABASE)_[A-Z_]+)`", text, re.M))
    assert documented - used == set(), "documented, but nobody reads it"


def test_every_command_is_documented() -> None:
    from tocsin.cli import VERBS

    text = (ROOT / "docs/commands.md").read_text()
    assert {verb for verb in VERBS if f"`tocsin {verb}" not in text} == set()


def test_every_verb_can_show_its_help() -> None:
    from tocsin.cli import VERBS, build_parser

    for verb in VERBS:
        parser = build_parser(verb)
        with pytest.raises(SystemExit) as end:
            parser.parse_args([verb, "--help"])
        assert end.value.code == 0


def test_every_room_says_what_it_takes_gives_and_never_does() -> None:
    for room in sorted(p.parent for p in SOURCE.glob("*/__init__.py")):
        if room.name == "commands":
            continue
        doc = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
        assert re.search(r"Takes:.*Gives:.*Never:", doc, re.S), f"{room.name} does not say it"


def test_no_module_is_over_500_lines_and_no_function_over_60() -> None:
    for module in MODULES:
        text = module.read_text()
        assert text.count("\n") <= 500, module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno
                assert length <= 60, f"{module}:{node.lineno} {node.name} has {length} lines"


def test_every_public_function_has_a_docstring() -> None:
    missing = []
    for module in MODULES:
        for node in ast.parse(module.read_text()).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                missing.append(f"{module.relative_to(SOURCE)}:{node.name}")  # type: ignore[attr-defined]
    assert missing == []


def test_views_do_not_write() -> None:
    """Writes are named functions of their own files: a view calls one of them."""
    for module in SOURCE.rglob("views*.py"):
        found = re.findall(
            r"\.(?:save|delete|bulk_create|update_or_create|get_or_create)\(|objects\.create\(",
            module.read_text(),
        )
        assert found == [], module


def test_there_are_no_signals() -> None:
    for module in MODULES:
        assert "django.dispatch" not in module.read_text(), module
        assert "django.db.models.signals" not in module.read_text(), module


def test_templates_hold_no_script_style_or_foreign_address() -> None:
    for page in SOURCE.rglob("templates/**/*.html"):
        text = page.read_text()
        assert not re.search(r"<style|style=|javascript:|\son[a-z]+=|hx-on", text), page
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), page
        assert not re.search(r"""(?:src|href|action)=["']https?:""", text), page


def test_nothing_stores_an_address_of_a_visitor() -> None:
    """Only lib/throttle.py looks at one, to make this hour's number of its network of it."""
    for module in MODULES:
        if module.name == "throttle.py":
            continue
        assert "REMOTE_ADDR" not in module.read_text(), module
        assert "X_FORWARDED_FOR" not in module.read_text().upper().replace("-", "_"), module


def test_there_is_no_field_for_files_or_pictures() -> None:
    for module in MODULES:
        assert not re.search(r"\b(?:FileField|ImageField|request\.FILES\[)", module.read_text()), module


def test_the_words_are_ours() -> None:
    """Design, section 3: never "informer"; in French never the word that names a taste instead of a crime."""
    forbidden = re.compile(r"\binformers?\b|p[ée]dopornograph", re.I)
    for file in PUBLIC_TEXT:
        if file == Path(__file__):
            continue
        assert not forbidden.search(file.read_text(errors="replace")), file


def test_the_project_stands_alone() -> None:
    for file in PUBLIC_TEXT:
        if file == Path(__file__):
            continue
        assert "../shared" not in file.read_text(errors="replace"), file


def test_released_migrations_are_not_edited() -> None:
    """`tests/house/migrations.sha256` lists those that landed, with their digests."""
    import hashlib

    for line in (ROOT / "tests/house/migrations.sha256").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, (
            f"{name} landed and was edited"
        )
