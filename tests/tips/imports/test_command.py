"""`tocsin import`: figures, sentences and exit statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.cli import main
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "tips.csv"
    file.write_text("text,time\npots,2026-11-20T21:03:00Z\nvases,2026-11-20T21:04:00Z\n")
    return file


def test_the_figures_are_printed_for_people_and_for_machines(table: Path, capsys: Any) -> None:
    assert main(["import", "--format", "csv", str(table)]) == 0
    out = capsys.readouterr().out
    assert "new tips" in out and "read as" in out and "UTF-8" in out
    assert main(["import", "--format", "csv", "--json", str(table)]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["schema"], facts["read"], facts["new"], facts["known"]) == ("tocsin.import", 2, 0, 2)


def test_tips_are_taken_in_for_a_person(table: Path, analyst: Any) -> None:
    assert main(["import", "--format", "csv", "--as", "ada", "--json", str(table)]) == 0
    assert set(Tip.objects.values_list("taken_by_id", flat=True)) == {analyst.pk}


def test_a_rejected_row_is_exit_status_1_and_names_the_file(table: Path, capsys: Any) -> None:
    table.write_text("text,time\npots,yesterday\n")
    assert main(["import", "--format", "csv", str(table)]) == 1
    assert "tips.csv.rejected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as", "nobody"], "no active person"),
        (["--campaign", "nothing"], "no running campaign"),
        (["--map", "text"], "--map is written like"),
        (["--map", "text=where"], "There is no column"),
        (["--timezone", "Mars"], "no time zone"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_stored(
    table: Path, capsys: Any, words: list[str], said: str
) -> None:
    assert main(["import", "--format", "csv", *words, str(table)]) == 1
    assert said in capsys.readouterr().err
    assert not Tip.objects.exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: Any) -> None:
    assert main(["import", "--format", "csv", str(tmp_path / "none.csv")]) == 1
    assert "cannot be read" in capsys.readouterr().err
