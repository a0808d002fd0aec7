"""A hotline's own signals: errors have a line and a reason, and the last good version stays in force."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from read_tips import read_tip, walk

from tocsin.audit.models import AuditRow
from tocsin.cases import signals, signals_file
from tocsin.cases.models import Case, Scored
from tocsin.cases.signals_data import SignalsError, parse
from tocsin.cli import main

SHIPPED = signals_file.SHIPPED.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def own() -> Iterator[Path]:
    """Where the hotline's own file would lie; gone again afterwards."""
    file = signals_file.own_file()
    yield file
    for one in (file, file.with_name(signals_file.LAST_GOOD)):
        one.unlink(missing_ok=True)
    signals_file._seen.clear()


def put(file: Path, text: str) -> None:
    """Write the file; never with the time and size that it had before."""
    file.write_text(text, encoding="utf-8")
    put.times += 1  # type: ignore[attr-defined]
    os.utime(file, (put.times, put.times))  # type: ignore[attr-defined]


put.times = 1_700_000_000  # type: ignore[attr-defined]


def problems(old: str, new: str) -> dict[str, int]:
    """Reason -> line of what is wrong with the shipped file after a replacement."""
    assert old in SHIPPED
    with pytest.raises(SignalsError) as raised:
        parse(SHIPPED.replace(old, new, 1), "signals.toml")
    return {one.reason: one.line for one in raised.value.problems}


def line_of(text: str) -> int:
    """The line of the shipped file in which this stands first."""
    return SHIPPED[: SHIPPED.index(text)].count("\n") + 1


def test_the_shipped_file_can_be_used() -> None:
    known = signals_file.shipped()
    assert len(known.by_name) > 20
    assert sum(one.points for one in known.actionable.values()) >= 100


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('lane = "immediate"', 'lane = "imediate"', "unknown lane 'imediate'"),
        ("weight = 100", "weight = 1000", "weight is 1000"),
        ("weight = 100", 'weight = "100"', "weight is '100'"),
        ("weight = 100", "wieght = 100", "unknown word 'wieght'"),
        ('with = "child"', 'with = "chidl"', "unknown list 'chidl'"),
        ('computed = "no_identifier"', 'computed = "no_identifer"', "unknown test 'no_identifer'"),
        (
            'answer = { field = "danger", value = "unsure" }',
            'answer = { field = "danger", value = "maybe" }',
            "has no value 'maybe'",
        ),
        ('test = "account"', 'test = "acount"', "unknown test 'acount'"),
        ("points = 20", "points = 200", "points is 200"),
        ("date = 2026-11-24", 'date = "2026-11-24"', "date is missing"),
        ("tips = 20", "tips = 0", "tips is 0"),
        ('name = "child_in_danger"', 'name = "danger_answer_yes"', "stands twice"),
    ],
)
def test_a_typing_error_is_named_with_its_line(old: str, new: str, reason: str) -> None:
    found = problems(old, new)
    (line,) = {line for said, line in found.items() if reason in said}
    assert line == line_of(old)


def test_what_is_not_toml_has_its_line_too() -> None:
    (said,) = problems("weight = 100", "weight = = 100").items()
    assert "not TOML" in said[0]
    assert said[1] == line_of("weight = 100")
    with pytest.raises(SignalsError) as raised:
        parse('version = "1"\nnote = """', "signals.toml")
    assert raised.value.problems[0].line == 2


def test_a_missing_sentence_is_named() -> None:
    said = 'en = "The reporter says that a child is in danger now", '
    assert problems(said, "")["the sentence is missing in en"] == line_of(said)


def test_a_reporters_yes_and_a_marked_sender_cannot_be_taken_out() -> None:
    for old, new in (
        ('answer = { field = "danger", value = "yes" }', 'answer = { field = "danger", value = "no" }'),
        ('computed = "sender_marked"\n', 'computed = "no_identifier"\n'),
    ):
        with pytest.raises(SignalsError, match=r"is missing|no signal of lane immediate"):
            parse(SHIPPED.replace(old, new, 1), "signals.toml")


def test_all_problems_are_said_at_once_in_the_order_of_the_lines() -> None:
    text = SHIPPED.replace("weight = 100", "weight = 1000", 1).replace('lane = "low"', 'lane = "lo"', 1)
    with pytest.raises(SignalsError) as raised:
        parse(text, "signals.toml")
    lines = [one.line for one in raised.value.problems]
    assert len(lines) >= 2
    assert lines == sorted(lines)


def test_the_hotlines_own_file_counts_and_is_read_again_when_it_changes(own: Path) -> None:
    put(own, SHIPPED.replace("weight = 100", "weight = 99", 1))
    assert signals.load().by_name["danger_answer_yes"].weight == 99
    put(own, SHIPPED.replace("weight = 100", "weight = 98", 1))
    assert signals.load().by_name["danger_answer_yes"].weight == 98
    own.unlink()
    assert signals.load().by_name["danger_answer_yes"].weight == 100


def test_the_last_good_version_stays_in_force_also_after_a_restart(own: Path) -> None:
    put(own, SHIPPED.replace("weight = 100", "weight = 97", 1))
    assert signals.load().by_name["danger_answer_yes"].weight == 97
    put(own, SHIPPED.replace("weight = 100", "weight = 1000", 1))
    for _restart in range(2):
        found = signals_file.in_force()
        assert found.signals.by_name["danger_answer_yes"].weight == 97
        assert "weight is 1000" in found.problems[0].reason
        signals_file._seen.clear()
    put(own, SHIPPED.replace("weight = 100", "weight = 96", 1))
    assert signals_file.in_force().problems == ()
    assert signals.load().by_name["danger_answer_yes"].weight == 96


def test_without_a_last_good_version_the_shipped_one_is_in_force(own: Path) -> None:
    put(own, "version = ")
    found = signals_file.in_force()
    assert found.file == signals_file.SHIPPED
    assert found.problems


def test_check_says_file_line_and_reason(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signals", "check"]) == 0
    put(own, SHIPPED.replace("weight = 100", "weight = 1000", 1))
    assert main(["signals", "check"]) == 1
    assert "signals.toml, line " in capsys.readouterr().err
    assert main(["signals", "check", str(own), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["ok"]) == ("tocsin.signals.check", False)
    assert said["problems"][0]["line"] > 1


# --- tried and applied ---------------------------------------------------------------------------------------


def with_vases_high() -> str:
    """The shipped file in which an offer is high."""
    head, tail = SHIPPED.split('name = "offer_or_sale"', 1)
    return head + 'name = "offer_or_sale"' + tail.replace('lane = "normal"', 'lane = "high"', 1)


@pytest.mark.django_db
def test_a_trial_says_which_cases_would_move_and_why_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read_tip("strong:vase", text="A vase for 50 yuan.")
    read_tip("strong:bowl", text="A quiet bowl.")
    walk()
    before = list(Case.objects.order_by("pk").values()), list(Scored.objects.order_by("pk").values())
    file = tmp_path / "new.toml"
    file.write_text(with_vases_high(), encoding="utf-8")
    assert main(["signals", "try", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["lanes"]["normal"] == {"before": 2, "after": 1}
    assert said["lanes"]["high"] == {"before": 0, "after": 1}
    (moved,) = said["moved"]
    assert (moved["before"], moved["after"]) == ("normal", "high")
    assert moved["because"] == ["Something is offered or sold"]
    assert (
        list(Case.objects.order_by("pk").values()),
        list(Scored.objects.order_by("pk").values()),
    ) == before
    assert AuditRow.objects.get(action="signals.tried").detail["moved"] == 1
    assert main(["signals", "try", str(file)]) == 0
    assert "1 of 2 cases would change: 1 up, 0 down." in capsys.readouterr().out


@pytest.mark.django_db
def test_a_file_with_an_error_is_not_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.toml"
    file.write_text("version = ", encoding="utf-8")
    assert main(["signals", "try", str(file)]) == 1
    assert "new.toml, line 1" in capsys.readouterr().err
    assert not AuditRow.objects.filter(action="signals.tried").exists()


@pytest.mark.django_db
def test_a_changed_file_counts_for_new_tips_at_once_and_for_old_cases_when_applied(own: Path) -> None:
    old = read_tip("strong:vase", text="A vase for 50 yuan.")
    walk()
    put(own, with_vases_high())
    new = read_tip("strong:bowl", text="A bowl for 50 yuan.")
    walk()
    lanes = {case.case_tips.get().tip_id: case.lane for case in Case.objects.all()}
    assert lanes == {old.pk: "normal", new.pk: "high"}
    assert main(["signals", "apply", "--json"]) == 0
    assert set(Case.objects.values_list("lane", flat=True)) == {"high"}
    assert AuditRow.objects.filter(action="signals.applied").count() == 1


@pytest.mark.django_db
def test_nothing_is_applied_while_the_file_has_an_error(own: Path) -> None:
    put(own, "version = ")
    assert main(["signals", "apply"]) == 1
    assert not AuditRow.objects.filter(action="signals.applied").exists()
