"""Sealing keeps every text as it was sent, hides its length, and opens for nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from tocsin.lib import keys, mailbox, sealing


@given(st.text(alphabet=st.characters(), max_size=2000))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert sealing.unseal(sealing.seal(text)) == text


def test_lone_surrogates_survive() -> None:
    assert sealing.unseal(sealing.seal("a\ud800b")) == "a\ud800b"


@given(st.integers(0, 508), st.integers(0, 508))
def test_lengths_within_one_step_cannot_be_told_apart(a: int, b: int) -> None:
    assert len(sealing.seal_bytes(bytes(a))) == len(sealing.seal_bytes(bytes(b)))


def test_one_byte_more_than_a_step_takes_a_second_step() -> None:
    assert len(sealing.seal_bytes(bytes(509))) == len(sealing.seal_bytes(bytes(508))) + sealing.STEP


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert sealing.seal("pottery") != sealing.seal("pottery")


def test_another_key_does_not_open() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.open_bytes(sealing.seal("pottery"), bytes(PrivateKey.generate()))


@given(st.integers(0, 600))
def test_a_flipped_bit_is_noticed(place: int) -> None:
    sealed = bytearray(sealing.seal("pottery"))
    place %= len(sealed)
    if 1 <= place <= 4:
        return  # the key id is a label, not part of the box
    sealed[place] ^= 1
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(bytes(sealed))


def test_nothing_sealed_reads_as_nothing() -> None:
    assert sealing.unseal(None) == ""
    assert sealing.unseal_json(None) is None


def test_look_up_tags_are_stable_and_keep_purposes_apart() -> None:
    assert sealing.lookup_tag("contact", "a@example.org") == sealing.lookup_tag("contact", "a@example.org")
    assert sealing.lookup_tag("contact", "a@example.org") != sealing.lookup_tag("sender", "a@example.org")


def test_a_mailbox_opens_only_with_its_token() -> None:
    token, other = mailbox.new_token(), mailbox.new_token()
    sealed = mailbox.seal_copy(mailbox.public_key(token), {"state": "received"})
    assert mailbox.open_copy(token, sealed) == {"state": "received"}
    assert mailbox.tag(token) != mailbox.tag(other)
    with pytest.raises(sealing.SealBroken):
        mailbox.open_copy(other, sealed)


def test_key_files_are_for_the_owner_only_and_never_overwritten() -> None:
    before = keys.load("hotline.key")
    assert keys.make() == []
    assert keys.load("hotline.key") == before
    for name in keys.NAMES:
        assert (keys.folder() / name).stat().st_mode & 0o077 == 0
