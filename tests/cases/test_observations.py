"""What is known over time: written from what tips say, added by people, each fact with its grade and source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.cases import observations, queries, roles, stating
from tocsin.cases.models import Case, CaseTip, Observation, Scored
from tocsin.cases.reread import read_tips_again
from tocsin.identifiers.models import Identifier
from tocsin.tips.models import Reading, Tip

pytestmark = pytest.mark.django_db
Send = Callable[..., Tip]
THREE = "群里有1927人，初级333元、中级666元、高级999元一个月。QQ群 718820333"


def case_of(tip: Tip) -> Case:
    return CaseTip.objects.get(tip=tip).case


def named(case: Case, shown: str) -> str:
    return next(one.public_id for one in queries.identifiers_of(case) if shown in one.shown)


def said(kind: str) -> list[tuple[Any, ...]]:
    rows = Observation.objects.filter(kind=kind).order_by("amount", "pk")
    return [(row.amount, row.currency, row.period, row.tier) for row in rows]


def test_a_tip_becomes_a_member_count_and_three_tiers_of_its_group(
    tip: Send, work: Callable[[], int]
) -> None:
    one = tip(THREE)
    work()
    assert said("members") == [(Decimal(1927), "", "", None)]
    assert said("fee") == [
        (Decimal(333), "", "month", 1), (Decimal(666), "", "month", 2), (Decimal(999), "", "month", 3),
    ]  # fmt: skip
    rows = Observation.objects.select_related("identifier")
    assert {row.identifier.canonical for row in rows if row.identifier} == {"718820333"}
    assert {(row.grade, row.tip_id, row.case_id, row.observed_at) for row in rows} == {
        ("said", one.pk, None, one.received_at)
    }


def test_a_bare_sign_has_no_currency_and_a_named_one_has(tip: Send, work: Callable[[], int]) -> None:
    (
        tip("QQ群 718820333 每月333元"),
        tip("QQ群 718820333: 40 yuan a week"),
        tip("QQ群 718820333: 5 USDT a day"),
    )
    work()
    assert said("fee") == [
        (Decimal(5), "USDT", "day", None), (Decimal(40), "CNY", "week", None), (Decimal(333), "", "month", None),
    ]  # fmt: skip


def test_what_stands_beside_no_group_and_no_account_belongs_to_the_case_alone(
    tip: Send, work: Callable[[], int]
) -> None:
    tip("999 yuan a month, write to club-fee@pay.example.com")
    work()
    assert Observation.objects.get(kind="fee").identifier is None


def test_nothing_is_written_twice_and_nothing_sealed_is_opened_again(
    tip: Send, work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tip(THREE)
    work()
    before = Observation.objects.count()
    opened: list[object] = []
    monkeypatch.setattr(stating.sealing, "unseal_json", opened.append)
    work()
    assert (Observation.objects.count(), opened) == (before, [])


def test_a_tip_that_is_read_again_states_what_it_states_now(tip: Send, work: Callable[[], int]) -> None:
    one = tip(THREE)
    work()
    Reading.objects.update(data_version="older")
    Observation.objects.filter(kind="fee").update(amount=Decimal(1))
    read_tips_again([one])
    assert len(said("fee")) == 3 and said("fee")[0][0] == Decimal(333)
    Reading.objects.update(data_version="older")
    Scored.objects.all().delete()
    Observation.objects.all().delete()
    read_tips_again([one])  # not scored yet: its score will write them, and nobody twice
    assert not Observation.objects.exists()
    work()
    assert len(said("fee")) == 3


def test_facts_follow_their_tip_into_another_case(tip: Send, work: Callable[[], int], analyst: User) -> None:
    one, other = tip(THREE), tip("https://weibo.com/u/6660077001")
    work()
    case, elsewhere = case_of(one), case_of(other)
    assert len(observations.of_case(case)) == 4 and not observations.of_case(elsewhere)
    CaseTip.objects.filter(tip=one).update(case=elsewhere)
    assert len(observations.of_case(elsewhere)) == 4 and not observations.of_case(case)


def test_equal_words_of_several_tips_are_one_line_with_their_number(
    tip: Send, work: Callable[[], int]
) -> None:
    tips = [tip(THREE), tip("转发：" + THREE)]
    work()
    lines = observations.of_case(case_of(tips[0]))
    assert {(line.kind, line.amount, line.tips) for line in lines} == {
        ("members", 1927, 2), ("fee", 333, 2), ("fee", 666, 2), ("fee", 999, 2),
    }  # fmt: skip
    assert {line.about for line in lines} == {"718820333"}


def test_an_owner_is_who_a_tip_calls_one(tip: Send, work: Callable[[], int]) -> None:
    one = tip("直播收费，群主的抖音号 yunduan_club ，加 QQ群718820333 就能看")
    work()
    (line,) = observations.of_case(case_of(one))
    assert (line.kind, line.about, line.grade) == (
        "owner",
        "718820333",
        "said",
    ) and "yunduan_club" in line.owned_by


def test_live_now_is_the_newest_word_on_it(tip: Send, work: Callable[[], int], analyst: User) -> None:
    one = tip("抖音号 yunduan_club 正在直播，旁边有小朋友")
    work()
    case = case_of(one)
    (line,) = observations.live_now(observations.of_case(case))
    assert "yunduan_club" in line.about and line.tips == 1
    observations.add(case, analyst, "ended", named(case, "yunduan_club"), grade="seen")
    assert not observations.live_now(observations.of_case(case))


def test_a_person_adds_what_was_seen_or_confirmed_and_takes_a_mistake_back(
    tip: Send, work: Callable[[], int], analyst: User
) -> None:
    one = tip(THREE)
    work()
    case, then = case_of(one), timezone.now() - timedelta(days=2)
    about = named(case, "718820333")
    made = observations.add(case, analyst, "members", about, amount=Decimal(2010), grade="seen", at=then)
    assert (made.by, made.grade, made.observed_at, made.tip) == (analyst, "seen", then, None)
    (line,) = [line for line in observations.of_case(case) if line.by]
    assert (line.about, line.amount, line.tips) == ("718820333", 2010, 0)
    case.refresh_from_db()
    assert case.worked_on
    assert "Observed: members counted, seen by us" in [line.sentence for line in queries.timeline(case)]
    observations.take_back(case, line.public_id, analyst)
    assert not [line for line in observations.of_case(case) if line.by]
    with pytest.raises(NotAllowed):
        observations.take_back(case, line.public_id, analyst)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "members"}, {"kind": "members", "amount": Decimal("1.5")}, {"kind": "fee", "amount": Decimal(-1)},
        {"kind": "fee", "amount": Decimal(5), "currency": "¥"}, {"kind": "fee", "amount": Decimal(5), "period": "era"},
        {"kind": "owner"}, {"kind": "colour"}, {"kind": "live", "grade": "guessed"},
        {"kind": "live", "at": timezone.now() + timedelta(days=1)}, {"kind": "live", "about": "nothere12345"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    tip: Send, work: Callable[[], int], analyst: User, wrong: dict[str, Any]
) -> None:
    one = tip(THREE)
    work()
    with pytest.raises(NotAllowed, match=r"[a-z]{3}.*\."):
        observations.add(case_of(one), analyst, **wrong)
    assert not Observation.objects.filter(by=analyst).exists()


def test_a_sealed_identifier_leaves_its_facts_without_a_name(
    tip: Send, work: Callable[[], int], analyst: User
) -> None:
    one = tip(THREE)
    work()
    case = case_of(one)
    roles.set_role(case, named(case, "718820333"), "child", analyst)
    assert not Identifier.objects.filter(canonical="718820333").exists()
    lines = observations.of_case(case)
    assert len(lines) == 4 and {line.about for line in lines} == {""}
