"""`tocsin cases`: the pages' functions as a person, in tables and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tocsin.audit.models import AuditRow
from tocsin.cases import notes
from tocsin.cases.models import Case, Change, MergeProposal
from tocsin.cli import main

pytestmark = pytest.mark.django_db
KILN, SQUARE = "weibo.com/u/6660012345", "weibo.com/u/6660054321"


@pytest.fixture
def two(tip: Callable[..., Any], work: Callable[[], int], analyst: Any) -> tuple[Case, Case]:
    for text in (f"{KILN} first", f"{KILN} second", f"{SQUARE} one", f"{SQUARE} two"):
        tip(text)
    work()
    kiln, square = Case.objects.order_by("pk")
    return kiln, square


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    """The command's output; what it says on standard error where it refuses."""
    capsys.readouterr()
    assert main(["cases", *words, "--as", "ada"]) == status
    said = capsys.readouterr()
    return said.out if status == 0 else said.err


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, *words, "--json"))
    assert found["schema"].startswith("tocsin.case") and found["version"] == 1
    return found


def test_list_and_show_tell_the_same_in_a_table_and_as_json(
    two: tuple[Case, Case], capsys: pytest.CaptureFixture[str]
) -> None:
    kiln, square = two
    table = run(capsys, "list")
    assert "2 of 2 cases" in table and kiln.number in table and square.number in table
    assert [one["number"] for one in as_json(capsys, "list", "--search", KILN)["cases"]] == [kiln.number]
    assert as_json(capsys, "list", "--lane", "immediate")["cases"] == []
    assert "1 of 2 cases" in run(capsys, "list", "--limit", "1")
    shown = run(capsys, "show", kiln.number)
    assert "uid:6660012345" in shown and "opened the case" in shown and "first" not in shown
    whole = as_json(capsys, "show", kiln.number)
    assert whole["case"]["number"] == kiln.number and len(whole["tips"]) == 2 and whole["events"]


def test_merge_and_undo_leave_what_was_there(
    two: tuple[Case, Case], capsys: pytest.CaptureFixture[str], analyst: Any
) -> None:
    kiln, square = two
    said = run(capsys, "merge", kiln.number, square.number, "--reason", "one wheel")
    change = Change.objects.get()
    assert change.public_id in said and f"Case {square.number} merged into {kiln.number}" in said
    assert f"{square.number} was merged" in run(capsys, "show", square.number)
    assert "can be undone" in run(capsys, "show", kiln.number)
    assert "It is undone." in run(capsys, "undo", change.public_id)
    assert sorted(case.case_tips.count() for case in two) == [2, 2]
    assert "undone already" in run(capsys, "undo", change.public_id, status=1)
    ways = list(AuditRow.objects.filter(action__endswith="_asked").values_list("actor", flat=True))
    assert len(ways) == 2 and all(way.startswith("cli:") for way in ways)
    assert AuditRow.objects.get(action="case.merge").actor == analyst.actor


def test_split_move_detach_and_cut(two: tuple[Case, Case], capsys: pytest.CaptureFixture[str]) -> None:
    kiln, square = two
    whole = as_json(capsys, "show", kiln.number)
    first, second = (one["id"] for one in whole["tips"])
    moved = as_json(capsys, "move", kiln.number, second, square.number, "--reason", "a square")
    assert moved["changes"][0]["other"] == square.number and square.case_tips.count() == 3
    split = as_json(capsys, "split", square.number, second, "--reason", "back to its own")
    assert split["changes"][0]["kind"] == "split"
    name = whole["case"]["identifiers"][0]["id"]
    assert as_json(capsys, "detach", kiln.number, name, "--reason", "everybody's")["changes"]
    assert "still hangs together" in run(capsys, "cut", kiln.number, "--reason", "look")
    assert "stay" in run(capsys, "split", kiln.number, first, "--reason", "all of it", status=1)


def test_the_command_can_only_propose_what_needs_two_people(
    two: tuple[Case, Case], capsys: pytest.CaptureFixture[str], analyst: Any
) -> None:
    for case in two:
        notes.add(case, analyst, "seen")
    said = run(capsys, "merge", two[0].number, two[1].number, "--reason", "one wheel")
    assert "the merge is proposed" in said
    assert MergeProposal.objects.get().proposed_by == analyst and not Change.objects.exists()
    again = run(capsys, "merge", two[0].number, two[1].number, "--reason", "one wheel", status=1)
    assert "waits for a second person already" in again and "Nothing was changed." in again


def test_only_somebody_who_works_on_cases_may(two: tuple[Case, Case], coordinator: Any) -> None:
    from tocsin.accounts.models import User

    User.objects.create_user(username="amal", role="administrator")
    for name in ("amal", "nobody"):
        with pytest.raises(SystemExit, match="nobody who may work on cases"):
            main(["cases", "list", "--as", name])
    with pytest.raises(SystemExit, match="There is no case 2019-000001"):
        main(["cases", "show", "2019-000001", "--as", "ada"])
    with pytest.raises(SystemExit):
        main(["cases", "merge", two[0].number, two[1].number, "--reason", "x"])
