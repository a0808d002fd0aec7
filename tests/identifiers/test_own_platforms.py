"""A hotline's own platform files count everywhere; a broken one stops every start before anything is made."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from tocsin.identifiers import catalogue_in_use as reading

SOURCE = Path(__file__).resolve().parents[2] / "src/tocsin"
POTTERS = """platform = "potters"
title = "Potters' Square"
source = "the hotline's own note"
date = "2026-11-01"
hosts = ["potters.example"]

[fields]
name = '[a-z][a-z0-9]{2,19}'

[[form]]
id = "name"
kind = "account"
canonical = "{name}"
strength = "handle"
at = ["/@{name}"]
url = "https://potters.example/@{name}"
"""


@pytest.fixture
def own(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "potters.toml").write_text(POTTERS)
    settings.PLATFORMS_DIR = tmp_path
    return tmp_path


def tocsin(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "TOCSIN_HOME": str(home / "var"),
        "TOCSIN_PLATFORMS_DIR": str(home / "own"),
    }
    command = [sys.executable, "-m", "tocsin.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


def test_a_platform_of_ones_own_is_read_typed_located_and_changes_the_data_version(own: Path) -> None:
    (found,) = (
        one for one in reading.extract("see potters.example/@kiln88").identifiers if one.kind == "account"
    )
    assert (found.platform, found.canonical) == ("potters", "kiln88")
    assert [one.canonical for one in reading.canonical_from("potters: kiln88")] == ["kiln88"]
    assert reading.location("account", "potters", "kiln88") == "https://potters.example/@kiln88"
    (own / "potters.toml").unlink()
    assert reading.in_use() is reading.in_use(), "loaded once"
    from tocsin.identifiers.extract import load_catalogue

    assert reading.data_version() != load_catalogue().version


def test_a_broken_file_is_a_start_up_error_that_names_file_line_and_reason(own: Path, settings: Any) -> None:
    settings.PLATFORMS_DIR = own / "second"
    settings.PLATFORMS_DIR.mkdir()
    (settings.PLATFORMS_DIR / "clay.toml").write_text('platform = "clay"\nsource = "x"\ndate = \n')
    (error,) = (one for one in run_checks() if one.id == "tocsin.E004")
    assert "clay.toml, line 3" in error.msg


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('form = "x"', "`form` must be a list of tables"),
        ("hosts = 3", "`hosts` must be a list of texts"),
        ("reserved = [1]", "`reserved` must be a list of texts"),
        ("fields = {name = 3}", "`fields` must be a table of texts"),
        ('[[form]]\nat = "/x"', "form ?: `at` must be a list of texts"),
        ('[[form]]\ntext = "x"', "form ?: `text` must be a table"),
        ('[[example]]\ntext = "x"', "an example lacks `gives`"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_as_well(line: str, reason: str, tmp_path: Path) -> None:
    from tocsin.identifiers.extract import CatalogueError, load_catalogue

    (tmp_path / "clay.toml").write_text(f'platform = "clay"\nsource = "x"\ndate = "2026-11-01"\n{line}\n')
    with pytest.raises(CatalogueError) as told:
        load_catalogue(tmp_path)
    assert told.value.reason == reason and told.value.line >= 4


def test_without_broken_files_the_check_is_silent(own: Path) -> None:
    assert [one for one in run_checks() if one.id == "tocsin.E004"] == []


@pytest.mark.parametrize("words", [["run"], ["serve"], ["worker", "--once"]])
def test_nothing_starts_with_a_broken_file_and_nothing_is_made(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "clay.toml").write_text('platform = "clay"\n\ncolour == 3\n')
    ended = tocsin(tmp_path, *words)
    assert ended.returncode == 1
    assert "clay.toml, line 3" in ended.stderr and "Traceback" not in ended.stderr
    assert ended.stdout == "" and not (tmp_path / "var").exists()


def test_process_takes_a_directory_of_its_own_and_refuses_a_broken_one(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "potters.toml").write_text(POTTERS)
    tips = tmp_path / "tips.jsonl"
    tips.write_text(json.dumps({"text": "potters.example/@kiln88 again"}) + "\n")
    done = tocsin(tmp_path, "process", str(tips), "--json", "--platforms", str(tmp_path / "more"))
    assert done.returncode == 0, done.stderr
    (case,) = json.loads(done.stdout)["cases"]
    assert "potters" in {one["platform"] for one in case["identifiers"]}
    (tmp_path / "more" / "potters.toml").write_text("platform")
    refused = tocsin(tmp_path, "process", str(tips), "--platforms", str(tmp_path / "more"))
    assert refused.returncode == 1 and "potters.toml, line 1" in refused.stderr


def test_no_room_reads_past_the_catalogue_in_use() -> None:
    reads = {"extract", "canonical_from", "location", "load_catalogue"}
    past = []
    for module in SOURCE.rglob("*.py"):
        if "extract" in module.parts or module.name == "catalogue_in_use.py":
            continue
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "tocsin.identifiers.extract"
            ):
                past += [f"{module.name}: {name.name}" for name in node.names if name.name in reads]
    assert past == ["platforms.py: load_catalogue"], (
        "only the check before a start, which has no settings yet"
    )
