"""What a group may earn a month: a range per currency, each figure with its source, nothing mixed or converted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from tocsin.accounts.models import User
from tocsin.cases import earnings, earnings_words, observations, queries
from tocsin.cases.earnings import Count
from tocsin.cases.models import Case, CaseTip
from tocsin.tips.accept import accept
from tocsin.tips.models import Tip
from tocsin.tips.paste import parse

pytestmark = pytest.mark.django_db
Send = Callable[..., Tip]
Work = Callable[[], int]
SCENARIO = Path(__file__).resolve().parents[2] / "examples" / "scenario.jsonl"


def case_of(tip: Tip) -> Case:
    return CaseTip.objects.get(tip=tip).case


def test_the_scenarios_group_comes_out_with_three_tiers_and_its_possible_income(
    work: Work, analyst_client: Client
) -> None:
    lines = [line.incoming for line in parse(SCENARIO.read_text(encoding="utf-8"))]
    accept([one for one in lines if one is not None and one.text.strip()], "cli:demo")
    work()
    case = case_of(Tip.objects.filter(mentions__identifier__canonical="718820333").earliest("received_at"))
    group = next(one for one in earnings.of(case) if one.about == "718820333")
    assert [(tier.number, tier.monthly, tier.line.period) for tier in group.tiers] == [
        (1, 333, "month"), (2, 666, "month"), (3, 999, "month"),
    ]  # fmt: skip
    assert [tier.line.tips for tier in group.tiers] == [3, 3, 3]
    assert {count.members for count in group.counts} == {1927}
    (income,) = group.incomes
    assert (income.currency, income.low, income.high) == ("", Decimal("641691.00"), Decimal("1925073.00"))
    assert earnings_words.sentences(group)[0] == (
        "641,691 to 1,925,073 a month in a currency that nobody named, if 1,927 members pay 333 to 999 a month each"
    )
    assert not [line for line in group.once if line.amount == 333]
    page = analyst_client.get(f"/console/cases/{case.number}/known/").content.decode()
    assert "641,691 to 1,925,073 a month" in page and "Tier 3: 999 (currency not said), a month" in page


@pytest.mark.parametrize(
    ("amount", "period", "month"),
    [(12, "month", 12), (12, "day", 365), (12, "week", 52), (12, "quarter", 4), (12, "year", 1)],
)
def test_a_period_becomes_months_by_the_data(amount: int, period: str, month: int) -> None:
    assert earnings.monthly(Decimal(amount), period) == month


@pytest.mark.parametrize("period", ["once", ""])
def test_what_is_paid_once_or_nobody_knows_how_often_is_no_income(period: str) -> None:
    assert earnings.monthly(Decimal(50), period) is None


def test_currencies_are_never_mixed_and_an_entrance_fee_stands_apart(tip: Send, work: Work) -> None:
    one = tip("QQ群 718820333 有100人，每月30元，入群费50元")
    (
        tip("QQ群 718820333: 20 USD a month"),
        tip("QQ群 718820333: 40 yuan a week"),
        tip("QQ群 718820333 卖花瓶 8元"),
    )
    work()
    (group,) = earnings.of(case_of(one))
    found = {income.currency: (income.low, income.high) for income in group.incomes}
    assert found == {
        "": (3000, 3000), "USD": (2000, 2000), "CNY": (Decimal("17333.33"), Decimal("17333.33")),
    }  # fmt: skip
    assert [line.amount for line in group.once] == [50] and [line.amount for line in group.unclear] == [8]


def test_without_members_or_without_a_fee_there_is_no_sum_and_the_sentence_says_so(
    tip: Send, work: Work
) -> None:
    fees, members = tip("QQ群 718820333 每月30元"), tip("QQ群 718820444 有100人")
    work()
    ((no_members,), (no_fee,)) = earnings.of(case_of(fees)), earnings.of(case_of(members))
    assert not no_members.incomes and earnings_words.sentences(no_members) == [
        "No member count is known: there is no sum."
    ]
    assert not no_fee.incomes
    assert earnings_words.sentences(no_fee) == [
        "No fee that is paid again and again is known: there is no sum."
    ]


def test_how_it_grew_is_told_by_month_with_a_picture_and_who_said_so(
    tip: Send, work: Work, analyst: User, analyst_client: Client
) -> None:
    one = tip("QQ群 718820333 有1850人，每月10元", received_at=datetime(2026, 9, 3, 8, tzinfo=UTC))
    tip("QQ群 718820333 有1900人", received_at=datetime(2026, 10, 3, 8, tzinfo=UTC))
    work()
    case = case_of(one)
    about = next(row.public_id for row in queries.identifiers_of(case) if row.shown == "718820333")
    observations.add(
        case, analyst, "members", about, amount=Decimal(1927), at=datetime(2026, 10, 20, 8, tzinfo=UTC)
    )
    (group,) = earnings.of(case)
    assert [(month.first_day.month, month.low, month.high) for month in group.months] == [
        (9, 1850, 1850), (10, 1900, 1927),
    ]  # fmt: skip
    assert (group.incomes[0].low, group.incomes[0].high, group.grown) == (19000, 19270, 77)
    assert "From 1,850 members on" in earnings_words.sentences(group)[-1]
    sources = [earnings_words.source(line) for line in group.members]
    assert any(said.startswith("seen by us: ada, ") for said in sources)
    assert sum(said.startswith("said in 1 tip, ") for said in sources) == 2
    page = analyst_client.get(f"/console/cases/{case.number}/known/").content.decode()
    assert "<polyline" in page and "style=" not in page and "1,900 to 1,927" in page


def test_the_picture_begins_at_nothing_and_needs_two_moments() -> None:
    first, last = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 11, tzinfo=UTC)
    assert earnings_words.picture([Count(first, 10)]) is None
    assert earnings_words.picture([Count(first, 10), Count(first, 12)]) is None
    found = earnings_words.picture([Count(first, 50), Count(last, 100)])
    assert found is not None and found.points == "8.0,48.0 312.0,8.0"


def test_a_person_adds_and_takes_back_an_observation_on_the_page(
    tip: Send, work: Work, analyst_client: Client
) -> None:
    one = tip("QQ群 718820333 每月10元")
    work()
    case = case_of(one)
    url = f"/console/cases/{case.number}/observe/"
    about = next(row.public_id for row in queries.identifiers_of(case) if row.shown == "718820333")
    assert analyst_client.post(url, {"kind": "members", "grade": "seen"}).status_code == 400
    sent = {
        "kind": "members",
        "grade": "confirmed",
        "amount": "2010",
        "about": about,
        "at": "2026-11-01T08:30",
    }
    assert analyst_client.post(url, sent).status_code == 302
    (line,) = [line for line in observations.of_case(case) if line.by]
    assert (line.amount, line.grade, line.about) == (2010, "confirmed", "718820333")
    analyst_client.post(f"{url}{line.public_id}/back/")
    assert not [line for line in observations.of_case(case) if line.by]
