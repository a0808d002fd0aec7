"""A page rendered once shows each reader the words of that reader only."""

from __future__ import annotations

from typing import Any

from tocsin.lib.stencil import Stencils


def test_each_reader_sees_only_the_own_words_and_the_page_is_rendered_once() -> None:
    pages, rendered = Stencils(), []

    def render() -> bytes:
        rendered.append(1)
        return f"<p>{pages.hole('a')} and {pages.hole('a')}{pages.hole('b')}</p>".encode()

    assert pages.fill("fr", render, {"a": "ONE", "b": "TWO"}) == b"<p>ONE and ONETWO</p>"
    assert pages.fill("fr", render, {"a": "THREE", "b": "FOUR"}) == b"<p>THREE and THREEFOUR</p>"
    assert len(rendered) == 1
    pages.fill("en", render, {})
    assert len(rendered) == 2


def test_what_is_put_in_is_escaped() -> None:
    pages = Stencils()
    assert pages.fill(1, lambda: pages.hole("a").encode(), {"a": "<b>'"}) == b"&lt;b&gt;&#x27;"


def test_another_setting_makes_another_page(settings: Any) -> None:
    pages = Stencils()
    pages.fill(1, lambda: b"old", {})
    settings.HOTLINE_NAME = "Kiln"
    assert pages.fill(1, lambda: b"new", {}) == b"new"


def test_not_more_pages_are_kept_than_allowed() -> None:
    pages = Stencils(most=3)
    for number in range(10):
        pages.fill(number, lambda: b"x", {})
    assert len(pages._pages) == 3
