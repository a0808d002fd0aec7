"""`tocsin process`: a file in, a table of cases out. The scenario's cases are stated by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "examples/scenario.jsonl"
EXPECTED = json.loads((ROOT / "examples/scenario.expected.json").read_text(encoding="utf-8"))


def process(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TOCSIN_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "tocsin.cli", "process", *words],
        env=env, cwd=ROOT, input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def scenario() -> dict[str, Any]:
    done = process(str(SCENARIO), "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The scenario once more, for people, in a folder that stays: each run makes a database, so tests share it."""
    folder = tmp_path_factory.mktemp("process") / "kept"
    return folder, process(str(SCENARIO), "--keep", str(folder))


def case_of(scenario: dict[str, Any], tip: str) -> dict[str, Any]:
    found = [case for case in scenario["cases"] if tip in case["tips"]]
    assert len(found) == 1, f"{tip} is in {len(found)} cases"
    return dict(found[0])


def triples(rows: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(row["kind"], row["platform"], row["canonical"]) for row in rows}


def everything_drafted(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    return [draft for case in scenario["cases"] for draft in [*case["notices"], *case["referrals"]]]


@pytest.mark.parametrize("expected", EXPECTED["cases"], ids=lambda case: case["name"])
def test_each_case_holds_exactly_its_tips_and_its_identifiers(
    scenario: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = case_of(scenario, expected["tips"][0])
    assert sorted(found["tips"]) == sorted(expected["tips"])
    assert triples(expected["identifiers"]) <= triples(found["identifiers"])
    assert found["lane"] == expected["lane"]


def test_there_are_no_other_cases(scenario: dict[str, Any]) -> None:
    assert len(scenario["cases"]) == len(EXPECTED["cases"])


def test_noise_is_in_no_case(scenario: dict[str, Any]) -> None:
    assert set(EXPECTED["noise"]) <= set(scenario["without_case"])


def test_the_two_empty_tips_are_said_and_not_kept(scenario: dict[str, Any]) -> None:
    blank = {line["id"] for line in scenario["refused"] if "blank" in line["reason"]}
    assert blank == set(EXPECTED["empty"])


def test_the_campaigners_handle_glues_nothing_and_is_in_no_draft(scenario: dict[str, Any]) -> None:
    campaigner = triples(EXPECTED["campaigner"])
    naming = [case for case in scenario["cases"] if campaigner & triples(case["identifiers"])]
    assert len(naming) >= 3, "the handle is named in several cases, and they stayed apart"
    for draft in everything_drafted(scenario):
        assert not campaigner & triples(draft["items"])


def test_the_reporters_phone_is_in_no_draft_and_in_no_list(scenario: dict[str, Any]) -> None:
    owned = triples(EXPECTED["reporter_owned"])
    assert owned
    for case in scenario["cases"]:
        assert not owned & triples(case["identifiers"])
    text = json.dumps(everything_drafted(scenario), ensure_ascii=False)
    for _kind, _platform, canonical in owned:
        assert canonical not in text


def test_the_suspects_city_decides_which_police_are_drafted(scenario: dict[str, Any]) -> None:
    by_name = {case["name"]: case for case in EXPECTED["cases"]}
    for name, city in (("harbin-suspect", "Harbin"), ("zhengzhou-forum", "Zhengzhou")):
        found = case_of(scenario, by_name[name]["tips"][0])
        assert any(city in draft["recipient"] for draft in found["referrals"]), name


def test_every_account_of_the_suspect_is_in_the_notice_of_its_own_platform(scenario: dict[str, Any]) -> None:
    suspect = next(case for case in EXPECTED["cases"] if case["name"] == "harbin-suspect")
    found = case_of(scenario, suspect["tips"][0])
    accounts = {row for row in triples(suspect["identifiers"]) if row[0] == "account"}
    drafted = {row for notice in found["notices"] for row in triples(notice["items"])}
    assert accounts <= drafted
    for notice in found["notices"]:
        assert len({row[1] for row in triples(notice["items"])}) == 1, "a platform hears only of its own"


def test_no_draft_holds_a_word_of_a_narrative_or_the_case_number(scenario: dict[str, Any]) -> None:
    tips = [json.loads(line) for line in SCENARIO.read_text(encoding="utf-8").splitlines() if line.strip()]
    for case in scenario["cases"]:
        for draft in [*case["notices"], *case["referrals"]]:
            assert case["number"] not in draft["text"]
            for tip in tips:
                for sentence in tip["text"].replace("。", ".").replace("，", ".").split("."):
                    words = sentence.strip()
                    if len(words) > 25 and "http" not in words:
                        assert words not in draft["text"]


def test_the_table_is_for_people(
    scenario: dict[str, Any], kept: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    _folder, done = kept
    assert done.returncode == 0
    assert "immediate" in done.stdout
    assert f"{len(scenario['cases'])} cases" in done.stdout
    assert "https://" not in done.stdout, "identifiers are shown inert"


def test_a_broken_line_is_named_and_the_others_go_on() -> None:
    odd = json.dumps({"id": "odd", "text": "\ud800\u0000\u0007\u202e t.me/copper_finch01"})
    lines = [
        '{"text": "see https://pottery.example.org/wheel"}',
        '{"text": broken',
        '{"no": "text"}',
        "[1]",
        odd,
    ]
    done = process("-", "--json", text="\n".join(lines))
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["tips"] == 2
    assert [line["line"] for line in found["refused"]] == [2, 3, 4]
    assert "line 2: not JSON" in done.stderr
    assert ["odd"] in [case["tips"] for case in found["cases"]], (
        "surrogates and control characters do no harm"
    )


def test_plain_text_gives_one_tip_a_line_and_too_long_ones_are_refused_with_their_size() -> None:
    text = "t.me/copper_finch01 sells places\n\nsee t.me/copper_finch01\nhello\n" + "a" * 200_000
    done = process("-", "--json", text=text)
    assert done.returncode == 1
    assert "200,000 bytes" in done.stderr
    found = json.loads(done.stdout)
    assert (found["tips"], len(found["cases"])) == (3, 1)
    assert found["cases"][0]["tips"] == ["1", "3"]
    assert found["without_case"] == ["4"]
    assert [line["line"] for line in found["refused"] if line["broken"]] == [5]


def test_a_pasted_chat_gives_one_tip_a_message() -> None:
    done = process(str(ROOT / "examples/forwarded_chat.txt"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tips"] >= 8


def test_lines_that_no_database_could_take_stop_nothing() -> None:
    lines = [
        '{"id": "unseen", "text": "\u200b\u200b"}',  # nothing that can be seen: blank, and no error
        '{"id": "two", "text": "t.me/copper_finch01\u2028under the bridge"}',  # one line of JSON, not two
        r'{"id": "\ud800", "text": "t.me/copper_finch01", "lang": "zh\u0000", "source": "ch\ud800at"}',
        '{"id": null, "text": "t.me/copper_finch01", "received_at": "0001-01-01T00:00:00+08:00"}',
    ]
    done = process("-", "--json", text="\n".join(lines))
    assert done.returncode == 1, "a time that cannot be kept is named"
    found = json.loads(done.stdout)
    assert [case["tips"] for case in found["cases"]] == [["two", "\ufffd"]]
    assert [(line["line"], line["broken"]) for line in found["refused"]] == [(1, False), (4, True)]


def test_an_offer_of_a_child_is_immediate_and_a_city_without_police_goes_to_our_own() -> None:
    lines = [
        "QQ群 645500188 有人出价3000元，说孩子现在就在他那里，请马上报警",
        "成都有人以童装广告招小模特，抖音号 yunduo_tong",
    ]
    offer, recruiter = json.loads(process("-", "--json", text="\n".join(lines)).stdout)["cases"]
    assert offer["lane"] == "immediate"
    for case in (offer, recruiter):
        assert [draft["recipient"] for draft in case["referrals"]] == ["Home police (demonstration)"]


def test_a_kept_folder_is_a_whole_installation(
    kept: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = kept
    assert done.returncode == 0, done.stderr
    assert (folder / "tocsin.sqlite3").exists()
    assert (folder / "keys/hotline.key").exists()
    again = process("-", "--keep", str(folder), text="t.me/copper_finch01")
    assert again.returncode == 1
    assert "not empty" in again.stderr


@pytest.mark.parametrize("verb", [["stats"], ["audit", "verify"]])
def test_reading_an_installation_that_is_not_there_ends_with_a_sentence(
    tmp_path: Path, verb: list[str]
) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TOCSIN_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.cli", *verb],
        env={**env, "TOCSIN_HOME": str(tmp_path / "none")}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("There is no database at")
    assert "Traceback" not in done.stderr
