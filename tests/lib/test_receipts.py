"""Receipts: every single wrong character and every swap is caught; what people mistype is read kindly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib import receipts

TOKENS = st.text(min_size=1, max_size=60)


@given(TOKENS)
def test_a_token_gives_one_receipt_of_twenty_characters(token: str) -> None:
    receipt = receipts.from_token(token)
    assert receipt == receipts.from_token(token)
    assert len(receipt) == 20
    assert receipts.normalise(receipts.grouped(receipt)) == receipt


@given(TOKENS, st.integers(0, 19), st.integers(1, 31))
def test_every_single_error_is_caught(token: str, place: int, shift: int) -> None:
    receipt = receipts.from_token(token)
    wrong = receipts.ALPHABET[(receipts.ALPHABET.index(receipt[place]) + shift) % 32]
    assert receipts.normalise(receipt[:place] + wrong + receipt[place + 1 :]) is None


def test_every_swap_of_any_two_characters_is_caught() -> None:
    receipt = receipts.from_token("a form")
    for first in range(20):
        for second in range(first + 1, 20):
            swapped = list(receipt)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            expected = receipt if receipt[first] == receipt[second] else None
            assert receipts.normalise("".join(swapped)) == expected


def test_the_weights_are_distinct_and_never_zero() -> None:
    assert len(set(receipts.WEIGHTS)) == 20
    assert 0 not in receipts.WEIGHTS


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    receipt = next(r for r in map(receipts.from_token, map(str, range(1000))) if "0" in r and "1" in r)
    assert receipts.normalise(receipt.replace("0", "O").replace("1", "l").lower()) == receipt
    assert receipts.normalise(receipt.replace("1", "I")) == receipt


def test_other_lengths_and_alphabets_are_refused() -> None:
    for typed in ("", "ABC", "U" * 20, receipts.from_token("x") + "0", "é" * 20):
        assert receipts.normalise(typed) is None
