"""Fees and counts beside an identifier, in the ways people write them."""

import pytest

from tocsin.identifiers.extract import extract
from tocsin.identifiers.extract.observations import chinese, number

BESIDE = "t.me/copper_finch01 "


@pytest.mark.parametrize(
    ("text", "value", "unit", "period"),
    [
        ("333元/月", "333", None, "month"),
        ("月费三百三十三元", "333", None, "month"),
        ("年费1.2万", "12000", None, "year"),
        ("入群费50", "50", None, None),
        ("会费：666元一个月", "666", None, "month"),
        ("999 yuan a month", "999", "CNY", "month"),
        ("RMB 50", "50", "CNY", None),
        ("¥2000", "2000", None, None),
        ("50€ par mois", "50", "EUR", "month"),
        ("€1.250,00", "1250", "EUR", None),
        ("50 euros à vie", "50", "EUR", "once"),
        ("$20/week", "20", None, "week"),
        ("20 USDT", "20", "USDT", None),
        ("500 руб.", "500", "RUB", None),
        ("٥٠ ريال شهريا", "50", None, "month"),
        ("月額500円", "500", "JPY", "month"),
        ("5,000원/월", "5000", "KRW", "month"),
        ("12.50元", "12.50", None, None),
    ],
)
def test_a_fee_is_read_with_unit_and_period(
    text: str, value: str, unit: str | None, period: str | None
) -> None:
    facts = [(o.kind, o.value, o.unit, o.period) for o in extract(BESIDE + text).observations]
    if value == "1250":
        facts = [(kind, amount.removesuffix(".00"), *rest) for kind, amount, *rest in facts]
    assert facts == [("fee", value, unit, period)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1927 members", "1927"), ("1,927 members", "1927"), ("1 927 membres", "1927"), ("成员 1927", "1927"),
        ("1927名成员", "1927"), ("一千九百二十七人群", "1927"), ("1.2万粉丝", "12000"), ("人数：1927/2000", "1927"),
        ("1,5 тыс подписчиков", "1500"), ("1927 участников", "1927"), ("1927 عضو", "1927"), ("1927 miembros", "1927"),
        ("メンバー数 1927", "1927"), ("회원 수: 1927", "1927"), ("12k followers", "12000"),
    ],
)  # fmt: skip
def test_a_count_is_read(text: str, value: str) -> None:
    assert [(o.kind, o.value) for o in extract(BESIDE + text).observations] == [("count", value)]


def test_three_tiers_of_one_group_are_three_fees() -> None:
    facts = extract("QQ群512340099：初级333元/月、中级666元/月、高级999元/月，成员1927").observations
    assert [(o.kind, o.value, o.period) for o in facts] == [
        ("fee", "333", "month"), ("fee", "666", "month"), ("fee", "999", "month"), ("count", "1927", None),
    ]  # fmt: skip


def test_a_fee_without_an_identifier_is_no_observation() -> None:
    assert extract("333元/月, 1927 members").observations == ()


def test_a_fee_far_from_any_identifier_is_no_observation() -> None:
    assert extract(BESIDE + "clay " * 100 + "333元/月").observations == ()


def test_the_span_of_a_fee_is_its_text_in_the_raw_line() -> None:
    text = "群512\u200b340099 QQ群 512340099，费用３３３元／月"
    (fee,) = extract(text).observations
    assert text[fee.start : fee.end] == fee.raw == "３３３元／月"


def test_fingerprints_and_analytics_ids_are_observations_and_no_identifiers() -> None:
    result = extract("PGP 0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567 and UA-12345678-1")
    assert result.identifiers == ()
    assert [(o.kind, o.value) for o in result.observations] == [
        ("pgp", "0123456789ABCDEF0123456789ABCDEF01234567"), ("analytics", "UA-12345678-1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百三十三", 333),
        ("一千零五", 1005),
        ("两万", 20000),
        ("三百五", 350),
        ("十", 10),
        ("二〇二六", 2026),
        ("一万二千", 12000),
    ],
)
def test_chinese_numerals_are_read(text: str, value: int) -> None:
    assert chinese(text) == value


def test_numbers_are_read_as_people_write_them() -> None:
    assert [number(text) for text in ("1 927", "1.927", "1,927", "3,5", "0.50")] == [
        "1927",
        "1927",
        "1927",
        "3.5",
        "0.50",
    ]
