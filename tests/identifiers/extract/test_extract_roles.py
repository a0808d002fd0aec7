"""Hints for roles: whose an identifier is, and who is only addressed."""

import pytest

from tocsin.identifiers.extract import extract


@pytest.mark.parametrize(
    "text",
    [
        "my number is +1 202 555 0188", "this is my number: +1 202 555 0188", "@copper_finch01 is my account",
        "mon numéro est le +33 6 39 98 00 12", "我的电话13800138000", "打我电话 13800138000", "mail me at anna@reporter.example.com",
        "joignable par mail : lea@reporter.example.com", "мой номер +7 900 123 45 67", "رقمي +966501234567",
        "私の番号 +81 90 1234 5678", "제 번호 +82 10-1234-5678", "mi número es +34 600 00 01 23",
    ],
)  # fmt: skip
def test_a_reporters_own_identifier_is_hinted(text: str) -> None:
    assert [i.cue for i in extract(text).identifiers] == ["self"]


@pytest.mark.parametrize(
    "text",
    [
        "he writes to my daughter's account @tin_otter7", "发给我女儿QQ 512340099", "il a écrit à ma fille sur Insta @tin.otter7",
        "моей дочери в вк @tin_otter7", "إلى ابنتي @tin_otter7", "娘のインスタ @tin.otter7", "우리 딸 인스타 @tin.otter7",
        "escribe a mi hija @tin_otter7", "@tin_otter7 is my daughter",
    ],
)  # fmt: skip
def test_a_childs_identifier_is_hinted(text: str) -> None:
    assert [i.cue for i in extract(text).identifiers] == ["victim"]


def test_a_hint_stays_in_its_sentence() -> None:
    assert [
        i.cue for i in extract("My daughter is fine. The man is telegram @copper_finch01").identifiers
    ] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "可以联系我：13900139003 https://weibo.com/u/5550001112", "call me: 202 555 0188 https://weibo.com/u/5550001112",
        "you can call me about https://weibo.com/u/5550001112", "联系我，关于 https://weibo.com/u/5550001112",
        "+1 202 555 0188 is my number https://weibo.com/u/5550001112",
    ],
)  # fmt: skip
def test_an_account_behind_the_reporters_number_is_not_the_reporters(text: str) -> None:
    assert [i.cue for i in extract(text).identifiers if i.platform == "weibo"] == [None]


def test_a_hint_goes_to_the_nearest_identifier_only() -> None:
    result = extract("my number is +1 202 555 0188, the man is telegram @copper_finch01")
    assert [(i.canonical, i.cue) for i in result.identifiers] == [
        ("+12025550188", "self"),
        ("copper_finch01", None),
    ]


@pytest.mark.parametrize(
    "text",
    ["thanks @tin_otter7", "merci à @tin_otter7", "感谢@tin_otter7 老师", "转发自@tin_otter7", "hi @tin_otter7", "cc @tin_otter7",
     "via @tin_otter7", "Dear @tin_otter7", "@tin_otter7 谢谢", "спасибо @tin_otter7", "شكرا @tin_otter7", "gracias @tin_otter7"],
)  # fmt: skip
def test_somebody_who_is_thanked_or_greeted_is_addressed(text: str) -> None:
    assert [i.addressed for i in extract(text).identifiers] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "please see https://t.me/tin_otter7 thanks",
        "Hello, the account instagram.com/tin.otter7 is bad",
        "telegram @tin_otter7",
    ],
)
def test_what_is_reported_politely_is_not_addressed(text: str) -> None:
    assert [i.addressed for i in extract(text).identifiers] == [False]
