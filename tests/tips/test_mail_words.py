"""Reading what a mail holds, without a server: HTML, character sets, headers, structures."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.tips.mail import head, markup, words
from tocsin.tips.mail.structure import outline


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain words", "plain words"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<style>p { color: red }</style ><p>words", "words"),
        ("<script>if (a < b) { '</p>' }</script>words", "words"),
        ("<title>name</title>words<!-- a <b> remark -->!", "words!"),
        ("<script>never closed <p>words", "never closed\nwords"),
        ("<!-- never closed <p>words", "never closed\nwords"),
        ("a &lt; b &amp; c &#x4e00; &nosuch; &", "a < b & c 一 &nosuch; &"),
        ("<a href='https://shop.example/v?a=1&amp;b=2'>here</a>.", "here <https://shop.example/v?a=1&b=2> ."),
        ('<A HREF = "mailto:rosa@walk.example">write</A>', "write <mailto:rosa@walk.example>"),
        ("<a href=https://shop.example/>https://shop.example</a>", "https://shop.example"),
        ("<a data-href='https://no.example' title=x>words</a>", "words"),
        ("<a href='data:image/png;base64,AAAA'>words</a>", "words"),
        ("<a href='https://one.example'>one<a href='https://two.example'>two", "one <https://one.example> two <https://two.example>"),
        ("<td>a</td><td>b</td>", "a b"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("\u0130\u0130<style>x</style>after", "\u0130\u0130after"),
        ("<p", "<p"),
    ],
)  # fmt: skip
def test_html_becomes_what_a_person_would_read(html: str, text: str) -> None:
    assert markup.words(html) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<",
        "<!--",
        "<script>",
        "<a href='",
        "</",
        "&",
        "<x/",
        "<![",
        "<title",
        '<a href="https://a.example">',
    ],
)
def test_html_that_repeats_itself_is_read_in_one_go(piece: str) -> None:
    """64 kB of some of these keep a quadratic parser busy for minutes."""
    assert isinstance(markup.words((piece * 65_536)[:65_536]), str)


@given(st.text(alphabet="<>/!-=\"' aphref&;:\n\u0130", max_size=60))
def test_no_html_raises(html: str) -> None:
    markup.words(html)


@given(
    st.binary(max_size=80),
    st.sampled_from(["base64", "quoted-printable", "8bit", "x"]),
    st.sampled_from(["", "utf-8", "gb2312", "hz", "utf-7", "utf-16", "iso-2022-jp", "big5", "idna"]),
)
def test_any_bytes_become_text(content: bytes, encoding: str, charset: str) -> None:
    raw = words.transferred(content, encoding)
    words.is_binary(raw, charset)
    assert isinstance(words.decoded(raw, charset), str)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "shift_jis", "euc-kr", "utf-16", "iso2022_jp"])
@pytest.mark.parametrize("length", range(20, 28))
def test_a_text_cut_in_the_middle_of_a_character_keeps_the_rest(codec: str, length: int) -> None:
    text = {"big5": "一個賣花瓶的商店", "shift_jis": "広場の花瓶広場の花瓶", "iso2022_jp": "広場の花瓶広場の花瓶", "euc-kr": "광장의꽃병광장의꽃병"}.get(codec, "一家卖花瓶的商店在广场")  # fmt: skip
    read = words.decoded((text * 3).encode(codec)[:length], codec)
    assert read
    assert (text * 3).startswith(read.rstrip("\x1b"))


@pytest.mark.parametrize(
    ("content", "label", "text"),
    [
        ("café à Nîmes".encode("cp1252"), "us-ascii", "café à Nîmes"),
        ("café à Nîmes".encode(), "iso-8859-1", "café à Nîmes"),
        ("“vase”".encode("cp1252"), "iso-8859-1", "“vase”"),
        ("卖花瓶".encode("gb18030"), "", "卖花瓶"),
        ("卖花瓶的商店在广场".encode(), "gb2312", "卖花瓶的商店在广场"),
        ("ваза".encode("koi8-r"), "koi8-r", "ваза"),
        (b"\xef\xbb\xbfvase", "", "vase"),
        ("vase".encode("utf-16"), "us-ascii", "vase"),
    ],
)  # fmt: skip
def test_labels_are_doubted_where_the_bytes_know_better(content: bytes, label: str, text: str) -> None:
    assert words.decoded(content, label) == text


@given(st.binary(max_size=120))
def test_no_header_raises(block: bytes) -> None:
    for name in (
        b"From: ",
        b"Subject: ",
        b"Date: ",
        b"Message-ID: ",
        b"Authentication-Results: ",
        b"Return-Path: ",
    ):
        head.read(name + block, "mx.example").answerable(["tips@hotline.example"])


def test_folded_and_encoded_headers_are_read() -> None:
    found = head.read(
        b"From: =?utf-8?B?Um9zYQ==?=\r\n <rosa@walk.example>\r\nSubject: =?gb2312?B?u6jGvw==?= =?utf-8?Q?_caf=C3=A9?=\r\n"
        b"Message-ID:\r\n <a@walk.example>\r\nReturn-Path: <bounce-7@walk.example>\r\n\r\n"
    )
    assert (found.sender, found.subject, found.message_id) == (
        "rosa@walk.example",
        "花瓶 café",
        "<a@walk.example>",
    )
    assert found.return_path == "bounce-7@walk.example"
    assert found.answerable(["tips@hotline.example"])


NODES = st.recursive(
    st.one_of(st.none(), st.integers(0, 9), st.sampled_from([b"TEXT", b"PLAIN", b"HTML", b"MESSAGE", b"RFC822", b"alternative", b"charset", b"", b"\xff"])),
    lambda inside: st.lists(inside, max_size=11).map(tuple),
    max_leaves=40,
)  # fmt: skip


@given(NODES)
def test_no_structure_raises(structure: Any) -> None:
    outline(structure)


def test_parts_are_numbered_as_imap_numbers_them() -> None:
    plain = (b"TEXT", b"PLAIN", (b"CHARSET", b"utf-8"), None, None, b"BASE64", 10, 1, None, None, None)
    html = (b"TEXT", b"HTML", None, None, None, b"7BIT", 10, 1, None, None, None)
    picture = (b"IMAGE", b"JPEG", None, None, None, b"BASE64", 10, None, None, None)
    named = (
        b"TEXT",
        b"PLAIN",
        None,
        None,
        None,
        b"7BIT",
        10,
        1,
        None,
        (b"inline", (b"filename*", b"a.txt")),
        None,
    )
    inner = ((plain, picture, b"MIXED"), (plain, html, b"ALTERNATIVE"), b"MIXED")
    mail = (b"MESSAGE", b"RFC822", None, None, None, b"7BIT", 10, None, inner, 1)
    one = (b"MESSAGE", b"RFC822", None, None, None, b"7BIT", 10, None, html, 1)
    found = outline(([(plain, html, b"ALTERNATIVE"), mail, picture, one, named], b"MIXED", None))
    assert [part.section for part in found.texts] == ["1.1", "2.1.1", "2.2.1", "4.1"]
    assert [part.section for part in found.instead] == ["1.2", "2.2.2"]
    assert (found.texts[0].encoding, found.texts[0].charset) == ("base64", "utf-8")
    assert found.kept_out == 3
    assert [part.section for part in outline(html).texts] == ["1"]
