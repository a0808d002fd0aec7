"""CSV, JSON lines and pasted conversations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from import_rows import refused, skipped, taken

from tocsin.tips.imports.source import Unclear

EVENING = datetime(2026, 11, 20, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_the_usual_names_of_columns_too(read: Any, delimiter: str) -> None:
    lines = [
        ("date", "from", "message"),
        ("2026-11-20T21:03:00Z", "Lin", '"a lake, a hill; and\na river | and\ta road"'),
        ("2026-11-20T21:03:00Z", "Wei", "pots"),
    ]
    rows = read("csv", "\n".join(delimiter.join(line) for line in lines))
    assert [(row.sender, row.at, row.text[:6]) for row in rows] == [
        ("Lin", EVENING, "a lake"),
        ("Wei", EVENING, "pots"),
    ]


def test_columns_are_mapped_by_name_or_by_number(read: Any) -> None:
    text = "Wann,Wer,Was\n2026-11-20 21:03,Lin,pots\n"
    (row,) = read("csv", text, columns={"text": "Was", "time": "1", "sender": "wer"}, timezone="UTC")
    assert (row.text, row.at, row.sender) == ("pots", EVENING, "Lin")


def test_with_numbers_only_the_first_row_is_a_message(read: Any) -> None:
    assert [row.text for row in read("csv", "a,pots\nb,vases\n", columns={"text": "2"})] == ["pots", "vases"]


def test_a_missing_column_is_said_with_those_that_there_are(read: Any) -> None:
    with pytest.raises(Unclear, match="Wann, Wer, Was"):
        read("csv", "Wann,Wer,Was\n1,2,3\n")
    with pytest.raises(Unclear, match="no column 'Wo'"):
        read("csv", "Wann,Wer,Was\n1,2,3\n", columns={"text": "Wo"})
    with pytest.raises(Unclear, match="knows no colour"):
        read("csv", "a,b\n", columns={"colour": "a"})


def test_rows_that_cannot_be_used_are_refused_and_the_others_taken(read: Any) -> None:
    rows = read("csv", "time,text\n2026-11-20T21:03:00Z,pots\nyesterday,vases\nshort\n,kept\n,\n,\n")
    assert [row.text for row in taken(rows)] == ["pots", "kept"]
    assert [(row.line, row.reason[:12]) for row in refused(rows)] == [
        (3, "the time can"),
        (4, "the row has "),
    ]
    assert skipped(rows) == []


def test_an_ambiguous_date_in_a_table_is_asked_for(read: Any) -> None:
    text = "time,text\n03/04/2026 10:00,pots\n"
    with pytest.raises(Unclear, match="--date-order"):
        read("csv", text, timezone="UTC")
    (row,) = read("csv", text, timezone="UTC", date_order="dmy")
    assert (row.at.day, row.at.month) == (3, 4)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("1795208580", 2026), ("1795208580000", 2026), ("0001-01-01T00:00:00Z", 1970), ("9999-12-31T23:59:59-10:00", 2999),
        ("1970-01-01T00:00:00Z", 1970), ("99999999999999", 2999), ("20/11/2026 21:03:00 +0", None),
    ],
)  # fmt: skip
def test_times_without_sense_are_kept_within_what_a_database_holds(
    read: Any, written: str, read_as: int | None
) -> None:
    rows = read("csv", f"time,text\n{written},pots\n")
    assert [row.at and row.at.year for row in taken(rows)] == ([read_as] if read_as else [])


def test_json_lines_give_messages_and_name_broken_lines(read: Any) -> None:
    text = '{"text": "pots", "sender": "Lin", "time": "2026-11-20T21:03:00Z", "place": "CN"}\nnot json\n[1]\n\n{"a": 1}\n'
    rows = read("jsonl", text)
    (row,) = taken(rows)
    assert (row.text, row.sender, row.at, row.fields) == ("pots", "Lin", EVENING, {"place": "CN"})
    assert [row.line for row in refused(rows)] == [2, 3, 5]


@pytest.mark.parametrize(
    "text",
    ['[{"text": "a"},\n {"text": "b"}]', '{"text": "a"}{"text": "b"}', '{\n"text": "a"\n}\n{"text":\n"b"}'],
)
def test_arrays_and_documents_of_several_lines_are_read_too(read: Any, text: str) -> None:
    assert [row.text for row in read("jsonl", text)] == ["a", "b"]


def test_a_line_without_end_is_refused_and_the_next_one_read(read: Any) -> None:
    text = '{"text": "a"}\n{"text": "' + "x" * 1_100_000 + '"}\n{"text": "b"}\n'
    rows = read("jsonl", text)
    assert [row.text for row in taken(rows)] == ["a", "b"]
    assert [(row.line, row.reason) for row in refused(rows)] == [(2, "the line is longer than 1 MB")]


def test_a_pasted_conversation_gives_a_message_a_head(read: Any) -> None:
    text = "Lin 2026-11-20 21:03:00\npots at the lake\nand vases\nWei 2026-11-20 21:04:00\nthanks\n"
    rows = read("paste", text, timezone="UTC")
    assert [(row.sender, row.at.minute, row.text) for row in rows] == [
        ("Lin", 3, "pots at the lake\nand vases"),
        ("Wei", 4, "thanks"),
    ]


def test_a_pasted_conversation_asks_for_its_zone(read: Any) -> None:
    with pytest.raises(Unclear, match="--timezone"):
        read("paste", "Lin 2026-11-20 21:03:00\npots\nWei 2026-11-20 21:04:00\nthanks\n")
