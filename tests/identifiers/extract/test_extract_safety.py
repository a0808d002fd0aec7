"""Hostile input: time grows with the length of the text, nothing more, and no connection is opened."""

from __future__ import annotations

import time

import pytest

from tocsin.identifiers.extract import extract

FULL = 65_536
PIECES = [
    "a", "a.", "@", "a@", "@a@", "http://", "https://a.b/", "0", "+1 ", "1-", "[.]", "a[.]", "。", "a。", "a dot ", "微信", "微信:",
    "微博@木", "qq ", "DE02", "magnet:?", "urn:btih:", "x/", "/", "(", "%41", "\u200b", "a\u200b", "\ud800", "1.2.3.",
    "telegram (", "ig/", "my daughter ", "thanks @ab1 ", "一", "1元", "1 000 ", "成员", "a=b&", "#a:", "!aaaaaa:", "at://a.", "0123 4567 ",
    "../", "телеграмм", "تلغرام ", "aa_bb on ", "4111 1111 1111 1111 ", "+493023125123 ", "电话1 1 1 ", "é.", "https://é", "u/abc ", "\n",
    "333元/月 t.me/abcde ", "cash app $ ", "05ab", "https://t.me/+",
]  # fmt: skip


def cpu_seconds(text: str) -> float:
    best = 60.0
    for _ in range(2):
        start = time.process_time()
        extract(text)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_time_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    short = cpu_seconds((piece * FULL)[: FULL // 8])
    long = cpu_seconds((piece * FULL)[:FULL])
    # Linear is 8 times, quadratic 64 times; the constant keeps the clock's grain out of very quick ones.
    assert long <= 24 * short + 0.02


def test_one_endless_address_is_no_worse() -> None:
    for text in (
        "https://t.me/" + "a" * FULL,
        "https://x.com/a?" + "a=b&" * (FULL // 4),
        "https://" + "a." * (FULL // 2),
    ):
        assert cpu_seconds(text[:FULL]) <= 24 * cpu_seconds(text[: FULL // 8]) + 0.02


def test_more_than_64_kb_is_read_up_to_there_and_said() -> None:
    result = extract("x" * (FULL - 30) + " t.me/copper_finch01 " + "y" * 50 + " t.me/tin_otter7")
    assert result.truncated
    assert [i.canonical for i in result.identifiers] == ["copper_finch01"]
    assert not extract("x" * FULL).truncated


def test_a_mega_key_a_pan_code_and_a_card_number_are_in_no_canonical() -> None:
    text = "https://mega.nz/file/aB3dE5gH#secretkeysecretkey https://pan.baidu.com/s/1aB3dE5g 提取码：9z8y visa 4242424242424242"
    canonicals = " ".join(i.canonical for i in extract(text).identifiers)
    assert "aB3dE5gH" in canonicals
    for secret in ("secretkey", "9z8y", "4242424242424242"):
        assert secret not in canonicals
