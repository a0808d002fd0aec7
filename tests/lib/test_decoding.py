"""Encodings are found from the bytes; a property: no bytes raise, and what was encoded comes back."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib.decoding import chunks, decode, detect

CHINESE = "湖边的陶器店在卖花瓶，请看看这个网站。"
FRENCH = "Près du café, un bel été : des vases fêlés à vendre, très peu chers."


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("pots and vases", "ascii", "UTF-8"),
        (CHINESE, "utf-8", "UTF-8"),
        (CHINESE, "utf-8-sig", "UTF-8"),
        (CHINESE + "\n1,2\n" * 5, "utf-16", "UTF-16"),
        (FRENCH, "utf-16-le", "UTF-16"),
        (FRENCH, "utf-16-be", "UTF-16"),
        (FRENCH, "utf-32", "UTF-32"),
        (CHINESE, "gb18030", "GB18030"),
        ("id,text\n" + "1,pots\n" * 30_000 + CHINESE, "gb18030", "GB18030"),
        (FRENCH, "latin-1", "Latin-1"),
        ("id;texte\n" + "1;vases\n" * 30_000 + FRENCH, "latin-1", "Latin-1"),
        ("Größe: über fünf Töpfe, schöne Vase für 5 €", "cp1252", "Latin-1"),
    ],
)
def test_the_encoding_is_found_and_the_text_comes_back(text: str, codec: str, name: str) -> None:
    read, found = decode(text.encode(codec))
    assert (found.name, read) == (name, text)


def test_a_damaged_place_in_utf_8_does_not_make_it_another_encoding() -> None:
    raw = CHINESE.encode() + b"\xff\xfe broken " + CHINESE.encode()
    read, found = decode(raw)
    assert found.name == "UTF-8" and read.startswith(CHINESE) and read.endswith(CHINESE) and "\ufffd" in read


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    read, found = decode(raw)
    assert "".join(chunks(io.BytesIO(raw), found, 7)) == read


@given(st.text(max_size=200))
def test_what_is_valid_utf_8_with_a_mark_comes_back_as_it_was(text: str) -> None:
    raw = text.encode("utf-8", "replace")
    assert decode(b"\xef\xbb\xbf" + raw)[0] == raw.decode()


def test_detection_leaves_the_stream_at_its_beginning() -> None:
    stream = io.BytesIO(CHINESE.encode("gb18030"))
    detect(stream)
    assert stream.tell() == 0
