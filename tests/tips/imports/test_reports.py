"""XARF v4 reports and ActivityPub flags."""

from __future__ import annotations

import base64
import json
from typing import Any

from import_rows import refused, skipped, taken

from tocsin.tips.imports.activitypub import Walk

REPORT = {
    "xarf_version": "4.2.0",
    "report_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    "timestamp": "2026-11-20T21:03:00Z",
    "reporter": {"org": "Lake Hotline", "contact": "desk@lake.example", "domain": "lake.example"},
    "sender": {"org": "Lake Hotline", "contact": "desk@lake.example", "domain": "lake.example"},
    "source_identifier": "192.0.2.7",
    "category": "content",
    "type": "fraud",
    "url": "https://kiln.example.org/pots",
    "evidence": [
        {
            "content_type": "text/plain",
            "description": "the page",
            "payload": base64.b64encode(b"pots for sale").decode(),
        },
        {"content_type": "image/png", "payload": "iVBORw0KGgo" + "A" * 100, "hash": "sha256:" + "ab" * 32},
    ],
}
FLAG = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://social.example/flags/1",
    "type": "Flag",
    "actor": "https://social.example/actor",
    "content": "sells pots",
    "object": ["https://other.example/users/kiln", "https://other.example/posts/7"],
}


def test_a_report_becomes_a_message_with_its_addresses_and_no_file(read: Any) -> None:
    (row,) = read("xarf", json.dumps(REPORT))
    for part in (
        "content/fraud",
        "https://kiln.example.org/pots",
        "192.0.2.7",
        "pots for sale",
        "sha256:abab",
    ):
        assert part in row.text
    assert "iVBORw0KGgo" not in row.text and row.pictures == 1
    assert (row.sender, row.fields, row.id) == (
        "Lake Hotline, desk@lake.example", {"contact": "desk@lake.example"}, REPORT["report_id"],
    )  # fmt: skip


def test_reports_come_as_an_array_or_one_a_line(read: Any) -> None:
    assert len(taken(read("xarf", json.dumps([REPORT, REPORT], indent=1)))) == 2
    assert len(taken(read("xarf", json.dumps(REPORT) + "\n" + json.dumps(REPORT)))) == 2


def test_other_reports_are_refused_with_the_reason(read: Any) -> None:
    rows = read(
        "xarf",
        json.dumps([{"Version": "3"}, {**REPORT, "xarf_version": "3.0"}, 7, {**REPORT, "timestamp": "x"}]),
    )
    assert [row.reason for row in refused(rows)] == [
        "no XARF v4 report: xarf_version is missing",
        "XARF 3.0 is not read, only version 4",
        "no XARF v4 report: xarf_version is missing",
        "the timestamp cannot be read",
    ]


def test_a_flag_by_ids_names_them(read: Any) -> None:
    (row,) = read("activitypub", json.dumps(FLAG))
    assert row.text == "sells pots\nhttps://other.example/users/kiln\nhttps://other.example/posts/7"
    assert (row.sender, row.id) == ("https://social.example/actor", "https://social.example/flags/1")


def test_whole_objects_give_what_they_say_and_no_attachment(read: Any) -> None:
    note = {
        "id": "https://other.example/posts/7", "type": "Note", "content": "pots for sale", "url": "https://other.example/@kiln/7",
        "attributedTo": "https://other.example/users/kiln", "attachment": [{"type": "Image", "url": "https://other.example/1.png"}],
    }  # fmt: skip
    (row,) = read("activitypub", json.dumps({**FLAG, "object": [note["id"], note]}))
    assert row.text.split("\n") == [
        "sells pots", note["id"], note["url"], "pots for sale", "https://other.example/users/kiln",
    ]  # fmt: skip
    assert row.pictures == 1 and "1.png" not in row.text


def test_objects_that_hold_each_other_are_read_once(read: Any) -> None:
    inner: dict[str, Any] = {
        "id": "b",
        "content": "pots",
        "object": {"id": "a", "object": {"id": "b", "object": "a"}},
    }
    (row,) = read("activitypub", json.dumps({**FLAG, "object": {"id": "a", "object": inner}}))
    assert row.text.split("\n") == ["sells pots", "a", "b", "pots"]
    circle: dict[str, Any] = {"content": "pots"}
    circle["object"] = [circle, circle]
    walk = Walk()
    walk.read(circle)
    assert walk.lines == ["pots"]


def test_collections_are_opened_and_other_activities_skipped(read: Any) -> None:
    rows = read(
        "activitypub", json.dumps({"type": "OrderedCollection", "orderedItems": [FLAG, {"type": "Like"}, 3]})
    )
    assert len(taken(rows)) == 1 and skipped(rows) == ["service"] and len(refused(rows)) == 1
