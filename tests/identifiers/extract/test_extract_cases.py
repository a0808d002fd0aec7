"""The labelled lines: exact triples, pairs that join or stay apart, and texts that hold nothing."""

from collections.abc import Callable

import pytest
from extract_scoring import labels, score, triples

from tocsin.identifiers.extract import extract, load_catalogue

LANGUAGES = {"zh", "fr", "en", "ru", "ar", "ja", "ko", "es"}


def test_the_visible_lines_are_exact_and_every_pair_is_right() -> None:
    result = score(labels("visible.jsonl"))
    assert result.f1 >= 0.99, result.misses
    assert result.pairs_right == result.pairs == 30


def test_our_own_lines_are_exact_and_every_pair_is_right(
    record_property: Callable[[str, object], None],
) -> None:
    result = score(labels("own.jsonl"))
    for tag, counts in result.tags.items():
        record_property(f"right, extra, missing: {tag}", counts)
    assert result.f1 >= 0.98, result.misses
    assert result.pairs_right == result.pairs > 30


def test_no_tag_of_our_own_lines_falls_behind() -> None:
    for tag, (right, extra, missing) in score(labels("own.jsonl")).tags.items():
        assert 2 * right >= 0.95 * (2 * right + extra + missing), tag


def test_our_own_lines_are_many_and_cover_all_platforms_and_languages() -> None:
    rows = labels("own.jsonl")
    assert len(rows) >= 400
    assert {row["lang"] for row in rows} >= LANGUAGES
    named = {platform for row in rows for _, platform, _ in triples(row)}
    assert named == set(load_catalogue().platforms)


@pytest.mark.parametrize("row", labels("negatives.jsonl"), ids=lambda row: row["id"])
def test_prices_dates_versions_files_times_and_code_give_nothing(row: dict[str, str]) -> None:
    result = extract(row["text"])
    assert result.identifiers == ()
    assert result.observations == ()


def test_there_are_at_least_a_hundred_texts_that_hold_nothing() -> None:
    assert len(labels("negatives.jsonl")) >= 100
