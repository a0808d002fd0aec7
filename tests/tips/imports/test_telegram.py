"""Telegram Desktop's result.json, read as a stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from import_rows import refused, skipped, taken

from tocsin.tips.imports.source import Unclear


def message(number: int, text: Any = "a pottery shop", **fields: Any) -> dict[str, Any]:
    return {
        "id": number, "type": "message", "date": "2026-11-20T21:03:00", "date_unixtime": "1795208580",
        "from": "Lin", "from_id": "user77", "text": text, **fields,
    }  # fmt: skip


def chat(*items: Any, number: int = 5) -> dict[str, Any]:
    return {"name": "Lake", "type": "private_group", "id": number, "messages": list(items)}


def test_a_chat_gives_its_messages_with_sender_time_and_line(read: Any) -> None:
    rows = read("telegram", json.dumps(chat(message(1), message(2, "second")), indent=1))
    assert [(row.text, row.sender, row.chat, row.id) for row in taken(rows)] == [
        ("a pottery shop", "user77", "5", "1"),
        ("second", "user77", "5", "2"),
    ]
    assert taken(rows)[0].at == datetime.fromtimestamp(1795208580, UTC)
    assert [row.line for row in rows] == [6, 15]


def test_entities_are_joined_and_the_address_behind_a_word_is_kept(read: Any) -> None:
    parts = [
        "see ",
        {"type": "text_link", "text": "this", "href": "https://kiln.example.org/"},
        {"type": "link", "text": " https://lake.example.com", "href": ""},
    ]
    (row,) = read("telegram", json.dumps(chat(message(1, parts))))
    assert row.text == "see this (https://kiln.example.org/) https://lake.example.com"


def test_service_messages_and_media_without_a_caption_are_skipped(read: Any) -> None:
    items = [
        {"id": 1, "type": "service", "action": "join_group_by_link", "text": ""},
        message(2, "", photo="photos/1.jpg"),
        message(3, "the caption", photo="photos/2.jpg"),
    ]
    rows = read("telegram", json.dumps(chat(*items)))
    assert skipped(rows) == ["service", "media"]
    assert [(row.text, row.pictures) for row in taken(rows)] == [("the caption", 1)]


def test_a_full_export_gives_the_messages_of_every_chat(read: Any) -> None:
    export = {
        "about": "…",
        "contacts": {"list": [{"phone_number": "x"} for _ in range(50)]},
        "chats": {"about": "…", "list": [chat(message(1)), chat(message(1), number=6)]},
        "left_chats": {"list": [chat(message(9), number=7)]},
    }
    rows = read("telegram", json.dumps(export))
    assert [(row.chat, row.id) for row in rows] == [("5", "1"), ("6", "1"), ("7", "9")]


def test_a_file_that_ends_early_gives_what_stands_before_with_the_line(read: Any) -> None:
    text = json.dumps(chat(message(1), message(2)), indent=1)
    rows = read("telegram", text[: text.index('"second') if '"second' in text else len(text) - 60])
    assert [row.id for row in taken(rows)] == ["1"]
    (broken,) = refused(rows)
    assert broken.fatal and "ends early" in broken.reason and broken.line >= 15


def test_a_broken_place_is_named_with_its_line(read: Any) -> None:
    text = json.dumps(chat(message(1), message(2)), indent=1).replace('"id": 2', '"id": two')
    rows = read("telegram", text)
    (broken,) = refused(rows)
    assert (broken.line, broken.fatal) == (16, True) and "not JSON" in broken.reason


def test_messages_that_are_cut_by_the_pieces_of_the_stream_are_whole(read: Any) -> None:
    texts = [f"{number} " + "湖" * 3000 for number in range(200)]  # 1.8 MB, pieces of 256 kB
    rows = read(
        "telegram", json.dumps(chat(*[message(n, text) for n, text in enumerate(texts)]), ensure_ascii=False)
    )
    assert [row.text for row in rows] == texts


def test_nesting_without_end_is_refused_not_followed(read: Any) -> None:
    rows = read("telegram", '{"extra": ' + "[" * 100_000)
    assert refused(rows)[0].reason == "nested too deeply"


def test_an_old_export_without_a_zone_asks_for_it(read: Any) -> None:
    item = message(1)
    del item["date_unixtime"]
    with pytest.raises(Unclear, match="--timezone"):
        read("telegram", json.dumps(chat(item)))
    (row,) = read("telegram", json.dumps(chat(item)), timezone="Asia/Shanghai")
    assert row.at == datetime(2026, 11, 20, 13, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", "hello", '{"messages": 3}'])
def test_another_kind_of_file_is_said_to_be_one(read: Any, text: str) -> None:
    with pytest.raises(Unclear):
        read("telegram", text)
