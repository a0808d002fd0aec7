"""No media, ever: a picture written as text is cut out and counted; words that only look a little like one stay."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tocsin.tips import pictures, queries
from tocsin.tips.pictures import CUT, without

BYTES = bytes(range(256)) * 2
PICTURES = {
    "jpeg": b"\xff\xd8\xff\xe0" + BYTES,
    "png": b"\x89PNG\r\n\x1a\n" + BYTES,
    "gif": b"GIF89a" + BYTES,
    "webp": b"RIFF\x24\x00\x00\x00WEBP" + BYTES,
    "tiff": b"II*\x00\x08\x00\x00\x00" + BYTES,
    "mp4": b"\x00\x00\x00\x20ftypisom" + BYTES,
    "mkv": b"\x1a\x45\xdf\xa3" + BYTES,
}


@pytest.mark.parametrize("kind", PICTURES)
def test_base64_of_a_picture_is_cut_out(kind: str) -> None:
    text = base64.b64encode(PICTURES[kind]).decode()
    assert without(f"see t.me/kiln {text} and that is all") == (f"see t.me/kiln {CUT} and that is all", 1)


@pytest.mark.parametrize(
    "head",
    [
        "data:image/png;base64,",
        "DATA:IMAGE/JPEG;base64,",
        "data:video/mp4;codecs=avc1;base64,",
        "data:image/svg+xml,",
    ],
)
def test_a_data_uri_is_cut_out(head: str) -> None:
    text = f"one {head}{base64.b64encode(BYTES).decode()} two {head}AAAA three"
    assert without(text) == (f"one {CUT} two {CUT} three", 2)


@pytest.mark.parametrize(
    "text",
    [
        "https://t.me/kiln_room and data: 12 people", "the file UklGR is short", "sha256 " + "a1" * 32,
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "data:text/plain,hello", "",
    ],
)  # fmt: skip
def test_words_and_addresses_stay(text: str) -> None:
    assert without(text) == (text, 0)


def test_a_hostile_text_is_read_in_linear_time() -> None:
    assert pictures.without("data:image/" * 6000)[1] == 0
    assert pictures.without("/9j/" * 16_000)[1] == 1


@pytest.mark.django_db
def test_a_tip_is_stored_without_the_picture_and_says_how_many_there_were(tip: Any) -> None:
    stored = tip(f"see t.me/kiln data:image/png;base64,{base64.b64encode(BYTES).decode()}")
    assert queries.narrative(stored, None) == f"see t.me/kiln {CUT}"
    assert stored.pictures_cut == 1
