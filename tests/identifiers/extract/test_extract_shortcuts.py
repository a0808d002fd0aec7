"""What is passed over for speed would not have changed anything."""

from __future__ import annotations

import re

import pytest

from tocsin.identifiers.extract import extract, load_catalogue
from tocsin.identifiers.extract.cuewords import WordSearch, any_script
from tocsin.identifiers.extract.handles import _one_word
from tocsin.identifiers.extract.prepass import _ODD, _TABLE, clean
from tocsin.identifiers.extract.words import top_level_domains


def test_every_character_that_the_first_step_passes_over_stays_itself() -> None:
    passed = [code for code in range(0x11000) if not _ODD.match(chr(code))]
    assert len(passed) > 30_000
    assert [code for code in passed if chr(code).translate(_TABLE) != chr(code)] == []


def test_cue_words_apart_by_script_are_found_as_all_together() -> None:
    cues = load_catalogue().cues
    together = re.compile(any_script(list(cues.rules)))
    text = (
        "vx: qq群 телеграма 微信 @insta line.id my.telegram, xinsta 电报 تلغرام telegram_ id vk " * 3
        + " ".join(cues.rules)
    )
    search, at, found = WordSearch(cues.scripts, text), 0, []
    while word := search.next(at):
        found.append(word.span())
        at = word.end()
    assert len(found) > 200
    assert found == [word.span() for word in together.finditer(text)]


@pytest.mark.parametrize(
    ("source", "one_word"),
    [
        (r"sm[0-9]{6}", True),
        (r"#[^:\s#]{1,9}:x\.y", True),
        ("sm[ ]?1", False),
        (r"sm\s1", False),
        (r"sm\W", False),
        ("sm.1", False),
        ("sm[^0-9]", False),
    ],
)
def test_a_pattern_that_may_match_a_blank_is_tried_on_the_whole_text(source: str, one_word: bool) -> None:
    assert _one_word(re.compile(source), "sm") is one_word


def test_spans_lead_back_through_several_rounds_of_edits() -> None:
    raw = "see\u200b h\u200bxxps[:]//t[.]me/\u200bcopper_finch01\u200b, and http[s]://x.com/tin_otter7 end"
    ready = clean(raw, top_level_domains())
    assert len(ready.edits) == 3
    places = [ready.span(at, at + 1) for at in range(len(ready.text))]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(raw) for start, end in places)
    assert [found.raw for found in extract(raw).identifiers] == [
        "h\u200bxxps[:]//t[.]me/\u200bcopper_finch01", "http[s]://x.com/tin_otter7",
    ]  # fmt: skip
