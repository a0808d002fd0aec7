"""WhatsApp's text export, as telephones of many countries write it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from import_rows import refused, skipped, taken

from tocsin.tips.imports.source import Unclear

EVENING = datetime(2026, 11, 20, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "start",
    [
        "20/11/2026, 21:03 - ",
        "20/11/26, 9:03 pm - ",
        "20/11/2026, 9:03\u202fPM - ",
        "11/20/26, 9:03 PM - ",
        "20.11.26, 21:03 - ",
        "20.11.2026 klo 21.03 - ",
        "20-11-2026 21:03 - ",
        "2026-11-20 21:03 - ",
        "2026/11/20 21:03 - ",
        "2026/11/20 下午9:03 - ",
        "20/11/2026 à 21:03 - ",
        "20/11/26 9:03 p. m. - ",
        "2026. 11. 20. 오후 9:03 - ",
        "2026年11月20日 21:03 - ",
        "٢٠/١١/٢٠٢٦، ٩:٠٣ م - ",
        "\u200f٢٠\u200f/١١\u200f/٢٠٢٦، ٢١:٠٣ - ",
        "[20/11/2026, 21:03:00] ",
        "\u200e[20/11/26, 9:03:00\u202fPM] ",
        "[20.11.26, 21:03:00] ",
        "[2026/11/20 下午9:03:00] ",
        "[20/11/2569, 21:03:00] ",
    ],
)
def test_the_date_and_time_of_many_countries_are_read(read: Any, start: str) -> None:
    (row,) = read("whatsapp", f"{start}Lin: look at kiln.example.org\n", timezone="UTC")
    assert (row.at, row.sender, row.text) == (EVENING, "Lin", "look at kiln.example.org")


def test_korean_exports_end_the_time_with_a_comma(read: Any) -> None:
    (row,) = read("whatsapp", "2026년 11월 20일 오후 9:03, Lin : hello\n", timezone="UTC")
    assert (row.at, row.sender, row.text) == (EVENING, "Lin", "hello")


def test_midnight_and_noon_of_a_twelve_hour_clock(read: Any) -> None:
    text = "20/11/26, 12:05 AM - Lin: night\n20/11/26, 12:05 PM - Lin: noon\n"
    assert [row.at.hour for row in read("whatsapp", text, timezone="UTC")] == [0, 12]


def test_a_message_of_several_lines_stays_one(read: Any) -> None:
    text = "20/11/2026, 21:03 - Lin: first\nsecond: line\n\n5 pots\n20/11/2026, 21:04 - Wei: other\n"
    rows = read("whatsapp", text, timezone="UTC")
    assert [row.text for row in rows] == ["first\nsecond: line\n\n5 pots", "other"]
    assert [row.line for row in rows] == [1, 5]


@pytest.mark.parametrize(
    "body",
    [
        "<Media omitted>",
        "<Médias omis>",
        "<省略多媒体文件>",
        "\u200eimage omitted",
        "\u200e<attached: 00000012-PHOTO-2026-11-20-21-03-00.jpg>",
        "\u200eIMG-20261120-WA0003.jpg (file attached)",
        "This message was deleted",
    ],
)
def test_what_stands_for_a_picture_is_dropped(read: Any, body: str) -> None:
    rows = read("whatsapp", f"20/11/2026, 21:03 - Lin: {body}\n", timezone="UTC")
    assert skipped(rows) == ["media"]


def test_of_a_picture_with_a_caption_the_caption_is_kept(read: Any) -> None:
    text = "20/11/2026, 21:03 - Lin: IMG-20261120-WA0003.jpg (file attached)\nat the lake\n"
    (row,) = read("whatsapp", text, timezone="UTC")
    assert (row.text, row.pictures) == ("at the lake", 1)


def test_an_address_in_angle_brackets_is_never_taken_for_a_notice(read: Any) -> None:
    (row,) = read("whatsapp", "20/11/2026, 21:03 - Lin: <https://kiln.example.org>\n", timezone="UTC")
    assert row.text == "<https://kiln.example.org>"


def test_what_whatsapp_itself_says_is_no_message(read: Any) -> None:
    rows = read("whatsapp", "20/11/2026, 21:03 - Messages are end-to-end encrypted.\n", timezone="UTC")
    assert skipped(rows) == ["service"]


def test_day_and_month_are_told_by_a_number_above_twelve(read: Any) -> None:
    text = "03/04/2026, 10:00 - Lin: one\n03/14/2026, 10:00 - Lin: two\n"
    assert [row.at.month for row in read("whatsapp", text, timezone="UTC")] == [3, 3]


def test_day_and_month_are_told_by_the_order_of_the_messages(read: Any) -> None:
    text = "03/04/2026, 10:00 - Lin: one\n04/04/2026, 10:00 - Lin: two\n01/05/2026, 10:00 - Lin: three\n"
    assert [row.at.day for row in read("whatsapp", text, timezone="UTC")] == [3, 4, 1]


def test_an_order_that_cannot_be_told_is_asked_for(read: Any) -> None:
    text = "03/04/2026, 10:00 - Lin: one\n"
    with pytest.raises(Unclear, match="--date-order"):
        read("whatsapp", text, timezone="UTC")
    (row,) = read("whatsapp", text, timezone="UTC", date_order="mdy")
    assert (row.at.month, row.at.day) == (3, 4)


def test_the_zone_is_asked_for_and_used(read: Any) -> None:
    text = "20/11/2026, 21:03 - Lin: one\n"
    with pytest.raises(Unclear, match="--timezone"):
        read("whatsapp", text)
    (row,) = read("whatsapp", text, timezone="Asia/Shanghai")
    assert row.at == datetime(2026, 11, 20, 13, 3, tzinfo=UTC)


def test_a_date_that_does_not_exist_is_refused(read: Any) -> None:
    rows = read("whatsapp", "31/02/2026, 10:00 - Lin: one\n20/02/2026, 10:00 - Lin: two\n", timezone="UTC")
    assert len(refused(rows)) == 1 and len(taken(rows)) == 1


def test_another_kind_of_file_is_said_to_be_one(read: Any) -> None:
    with pytest.raises(Unclear, match="No message"):
        read("whatsapp", "hello\n", timezone="UTC")
