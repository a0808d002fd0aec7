"""Strength: what may glue tips together, and what may not."""

import pytest

from tocsin.identifiers.extract import extract, load_catalogue
from tocsin.identifiers.extract.model import STRENGTHS


@pytest.mark.parametrize(
    ("text", "strengths"),
    [
        ("https://weibo.com/u/6660012345", ["strong"]),
        ("https://t.me/copper_finch01", ["handle"]),
        ("https://t.me/+uJWelFpsotblMu7l", ["strong"]),
        ("@copper_finch01", ["weak"]),
        ("公众号：木工板凳", ["weak"]),
        ("https://copper-finch.example.com/a", ["strong", "strong"]),
        ("https://en.wikipedia.org/wiki/Clay", ["hub", "hub"]),
        ("https://news.bbc.co.uk/1", ["hub", "hub"]),
        ("https://www.bilibili.com/festival/clay", ["hub", "hub"]),
        ("finch@example.org", ["strong"]),
        ("https://copper-finch.blogspot.com", ["strong"]),
        ("https://bit.ly/3aBcD", ["strong"]),
    ],
)
def test_strength_follows_the_schema(text: str, strengths: list[str]) -> None:
    assert [i.strength for i in extract(text).identifiers] == strengths


def test_every_form_has_a_known_strength() -> None:
    assert {form.strength for p in load_catalogue().platforms.values() for form in p.forms} <= set(STRENGTHS)
