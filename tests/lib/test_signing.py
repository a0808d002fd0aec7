"""Form tokens and links: ours, in time, unaltered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib import signing


def test_a_fresh_form_token_is_good_and_an_old_one_is_known_as_ours() -> None:
    token = signing.form_token(now=1_000_000)
    assert signing.form_token_state(token, now=1_000_000 + signing.DAY) == "good"
    assert signing.form_token_state(token, now=1_000_001 + signing.DAY) == "old"


@given(st.text(max_size=100))
def test_what_we_did_not_sign_is_foreign(text: str) -> None:
    assert signing.form_token_state(text) == "foreign"
    assert signing.open_link(text)[0] == "forged"


@given(st.integers(0, 80), st.characters())
def test_an_altered_link_is_forged(place: int, character: str) -> None:
    link = signing.link("ab" * 20, 2_000_000_000)
    place %= len(link)
    altered = link[:place] + character + link[place + 1 :]
    if altered != link:
        assert signing.open_link(altered, now=1)[0] == "forged"


def test_a_link_opens_until_its_date_and_then_says_so() -> None:
    link = signing.link("ab" * 20, 1000)
    assert signing.open_link(link, now=1000) == ("good", "ab" * 20)
    assert signing.open_link(link, now=1001) == ("expired", "ab" * 20)


def test_a_form_token_is_no_link() -> None:
    assert signing.open_link(signing.form_token())[0] == "forged"
