"""`tocsin extract` and `tocsin platforms`, run as their own process and without settings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def run(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tocsin.identifiers.extract.cli", *words]
    return subprocess.run(command, input=given, capture_output=True, check=False)


def rows(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.decode("utf-8").splitlines()]


def test_one_line_in_gives_one_json_line_out() -> None:
    given = '微信：copper_finch01\n\n{"id": "t7", "text": "t.me/tin_otter7"}\n{"not": "text"}\n'.encode()
    done = run("extract", given=given)
    assert done.returncode == 0
    first, empty, third, fourth = rows(done.stdout)
    assert (first["id"], empty["id"], third["id"], fourth["id"]) == ("1", "2", "t7", "4")
    assert first["identifiers"] == [
        {"kind": "account", "platform": "wechat", "canonical": "copper_finch01", "strength": "handle", "raw": "copper_finch01",
         "start": 3, "end": 17, "cue": None, "addressed": False}
    ]  # fmt: skip
    assert empty == {"id": "2", "identifiers": [], "observations": []}
    assert third["identifiers"][0]["canonical"] == "tin_otter7"
    assert fourth["identifiers"] == []


def test_a_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "tips.txt").write_text("QQ群512340099 333元/月\n", "utf-8")
    (row,) = rows(run("extract", str(tmp_path / "tips.txt")).stdout)
    assert row["observations"][0]["value"] == "333"


def test_bytes_that_are_not_utf8_are_replaced_and_counted() -> None:
    done = run("extract", given=b"\xff\xfe t.me/tin_otter7\nt.me/copper_finch01\n")
    assert [row["identifiers"][0]["canonical"] for row in rows(done.stdout)] == [
        "tin_otter7",
        "copper_finch01",
    ]
    assert b"1 lines were not UTF-8" in done.stderr


def test_a_line_over_64_kb_is_read_up_to_there_and_marked() -> None:
    done = run("extract", given=b"t.me/tin_otter7 " + b"x" * 900_000 + b"\nt.me/copper_finch01\n")
    first, second = rows(done.stdout)
    assert first["truncated"] is True
    assert second == {**second, "id": "2"} and "truncated" not in second


def test_lone_surrogates_in_json_do_not_stop_the_stream() -> None:
    done = run(
        "extract", given=b'{"text": "\\ud800 t.me/tin_otter7 \\ud800"}\n{"text": "insta: @a\\ud800b.c"}\n'
    )
    assert done.returncode == 0
    assert len(rows(done.stdout)) == 2


def test_explain_names_file_and_form_and_near_misses() -> None:
    (row,) = rows(
        run(
            "extract",
            "--explain",
            given="t.me/tin_otter7 x.com/tin_otter7 https://pоttery.example.org".encode(),
        ).stdout
    )
    assert row["identifiers"][0]["rule"] == "platforms/telegram.toml#account"
    assert any("telegram, x" in line for line in row["near_misses"])
    assert row["data_version"]


def test_the_table_marks_what_was_found() -> None:
    output = run("extract", "--table", "--explain", given=b"see t.me/tin_otter7 now").stdout.decode()
    assert "see ⟦t.me/tin_otter7⟧ now" in output
    assert "platforms/telegram.toml#account" in output


def test_platforms_lists_source_and_date() -> None:
    assert b"telegram       2026-" in run("platforms").stdout
    data = json.loads(run("platforms", "--json").stdout)
    assert data["schema"] == "tocsin.platforms/1"
    assert all(row["source"] and row["date"] for row in data["platforms"])


def test_a_broken_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kiln.toml").write_text("platform = ")
    done = run("extract", "--platforms", str(tmp_path), given=b"x\n")
    assert done.returncode == 2
    assert b"kiln.toml, line 1" in done.stderr
    assert run("platforms", "--platforms", str(tmp_path)).returncode == 2


def test_a_file_that_is_not_there_is_said() -> None:
    done = run("extract", "/nowhere/tips.txt")
    assert done.returncode == 2
    assert b"nowhere" in done.stderr


def test_it_starts_without_django_and_without_the_heavy_libraries() -> None:
    code = (
        "import sys; from tocsin.identifiers.extract import extract; extract('t.me/tin_otter7');"
        "print([m for m in ('django', 'phonenumbers', 'ada_url', 'base58') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
