"""What a text says beside its identifiers: the language it is in, periods of fees, owners of groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tocsin.identifiers.extract import extract
from tocsin.tips import languages, stated, steps
from tocsin.tips.languages import known, language_of

SENTENCES = [
    line.split("\t")
    for line in (Path(__file__).parent / "languages.tsv").read_text(encoding="utf-8").splitlines()
]


def test_a_word_is_taken_apart_once() -> None:
    text = "the blue vases stand beside the old bridge"
    language_of(text)
    before = languages._score.cache_info().misses
    assert language_of("Beside the BRIDGE " + text) == "en"
    assert languages._score.cache_info().misses == before


def test_nineteen_of_twenty_short_sentences_are_told_and_hardly_one_is_told_wrongly() -> None:
    told = [(code, language_of(text)) for code, text in SENTENCES]
    assert len({code for code, _told in told}) > 30
    assert sum(code == said for code, said in told) >= 0.95 * len(told)
    assert sum(said not in ("", code) for code, said in told) <= 0.03 * len(told)


@pytest.mark.parametrize(
    "text", ["", "12345", "kiln.example.org", "https://kiln.example.org/the/is/and", "@the_is_and"]
)
def test_what_holds_no_words_is_in_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_an_address_does_not_outweigh_the_words() -> None:
    assert language_of("郑州有人开了一个论坛，https://bbs.yellowriver.example.org/the/is/and/of/it") == "zh"
    assert {"zh", "ja", "ko", "ru", "ar", "fr"} <= set(known())


@pytest.mark.django_db
def test_what_the_sender_chose_stays_and_the_rest_is_told(tip: Any) -> None:
    chosen = tip("The forum asks for the address of the school", language="fr")
    plain = tip("Le forum demande l'adresse de l'école")
    steps.read(10)
    chosen.refresh_from_db(), plain.refresh_from_db()
    assert (chosen.language, plain.language) == ("fr", "fr")


def fees(text: str) -> list[tuple[str, str | None]]:
    return [(one.value, one.period) for one in stated.observations(text, extract(text)) if one.kind == "fee"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "QQ群 718820333：初级333元、中级666元、高级999元一个月",
            [("333", "month"), ("666", "month"), ("999", "month")],
        ),
        ("QQ群 718820333：每月333元、666元、999元", [("333", "month"), ("666", "month"), ("999", "month")]),
        ("入群费50元，月费333元 QQ群 718820333", [("50", "once"), ("333", "month")]),
        ("t.me/+Lm4nQ8rT2vXy6Zab : 50 yuans d'entrée. 20 yuan a week", [("50", "once"), ("20", "week")]),
        ("t.me/+Lm4nQ8rT2vXy6Zab offers a vase for 50 yuan", [("50", None)]),
        ("t.me/+Lm4nQ8rT2vXy6Zab 50 USD, 20 yuan a week", [("50", None), ("20", "week")]),
    ],
)
def test_a_fee_has_the_period_of_its_list_or_is_paid_once_on_entering(
    text: str, expected: list[tuple[str, str | None]]
) -> None:
    assert fees(text) == expected


def test_an_owner_stands_behind_a_word_for_one_and_beside_a_group() -> None:
    text = "直播收费，群主的抖音号 yunduan_club ，加 QQ群718820333 就能看"
    ((account, group),) = stated.owners(text, extract(text))
    assert text[account:].startswith("yunduan_club") and "718820333" in text[group : group + 14]
    assert not stated.owners(
        "抖音号 yunduan_club ，加 QQ群718820333 就能看",
        extract("抖音号 yunduan_club ，加 QQ群718820333 就能看"),
    )
