"""The clock of a case is computed from rows; nothing that nobody answered counts as done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone
from sent_rows import NOW, account, answer, case_with, gone, plan_for, recipient, sent

from tocsin.cases.models import Case, CaseEvent
from tocsin.dispatch.answers import answers
from tocsin.dispatch.models import Dispatch
from tocsin.lib import steps
from tocsin.outcomes.clocks import compute
from tocsin.outcomes.durations import spoken
from tocsin.outcomes.models import CaseClock
from tocsin.outcomes.queries import strip, summary
from tocsin.outcomes.steps import clocks

pytestmark = pytest.mark.django_db
H = timedelta(hours=1)


@pytest.fixture
def case() -> Case:
    return case_with(account("bowls.one"), account("bowls.two"))


@pytest.fixture
def notice(case: Case, analyst: Any, reviewer: Any) -> Dispatch:
    two = [account("bowls.one"), account("bowls.two")]
    return sent(plan_for(case), recipient(), two, analyst, reviewer, at=NOW + H)


def times(case: Case) -> dict[str, datetime | None]:
    case.refresh_from_db()
    return compute([case])[case.pk]


def test_a_new_case_gets_a_clock_that_has_only_begun(case: Case) -> None:
    assert clocks(10) == 1
    clock = CaseClock.objects.get(case=case)
    assert clock.received == NOW
    assert [clock.opened, clock.sent, clock.all_gone, clock.arrested] == [None] * 4


def test_the_whole_walk(case: Case, notice: Dispatch, analyst: Any, reviewer: Any) -> None:
    Case.objects.filter(pk=case.pk).update(seen_at=NOW + timedelta(minutes=4))
    police = sent(
        notice.plan,
        recipient("police", "River Police"),
        [account("bowls.one")],
        analyst,
        reviewer,
        at=NOW + H,
    )
    answer(notice, gone(notice), NOW + 2 * H + timedelta(minutes=2))
    answer(police, {"answer": "arrested"}, NOW + H + timedelta(days=3, hours=4))
    answers(10)
    clocks(10)
    clock = CaseClock.objects.get(case=case)
    assert clock.opened == NOW + timedelta(minutes=4)
    assert (clock.approved, clock.sent) == (NOW + H, NOW + H)
    assert clock.acknowledged == clock.all_gone == NOW + 2 * H + timedelta(minutes=2)
    assert clock.arrested == NOW + H + timedelta(days=3, hours=4)
    case.refresh_from_db()
    assert summary(case) == "all gone after 1 h 2 min, arrested after 3 d 4 h"
    assert [tick.name for tick in strip(case) if tick.good] == ["all_gone", "arrested"]


def test_running_twice_does_nothing_and_the_line_is_written_once(case: Case, notice: Dispatch) -> None:
    answer(notice, gone(notice))
    answers(10)
    assert clocks(10) == 1
    assert [clocks(10), clocks(10)] == [0, 0]
    assert CaseEvent.objects.filter(case=case, kind="all_gone").count() == 1


def test_an_answer_after_the_first_clock_moves_it(case: Case, notice: Dispatch) -> None:
    clocks(10)
    assert CaseClock.objects.get(case=case).all_gone is None
    answer(notice, gone(notice), NOW + 5 * H)
    answers(10)
    assert clocks(10) == 1
    assert CaseClock.objects.get(case=case).all_gone == NOW + 5 * H


@pytest.mark.parametrize("code", ["", "acknowledged", "refused", "question", "wrong_recipient"])
def test_one_account_that_is_still_there_is_not_all(case: Case, notice: Dispatch, code: str) -> None:
    first, second = notice.items.all()
    said = {"items": {first.public_id: {"answer": "suspended", "reason": ""}}}
    if code:
        said["items"][second.public_id] = {"answer": code, "reason": "x"}
    answer(notice, said)
    answers(10)
    assert times(case)["all_gone"] is None


def test_a_wrong_recipient_does_not_count_once_the_right_one_says_gone(
    case: Case, notice: Dispatch, analyst: Any, reviewer: Any
) -> None:
    right = sent(
        notice.plan, recipient(name="Right Host"), [account("bowls.two")], analyst, reviewer, at=NOW + 2 * H
    )
    first, second = notice.items.order_by("pk")
    answer(notice, {"items": {
        first.public_id: {"answer": "removed", "reason": ""},
        second.public_id: {"answer": "wrong_recipient", "reason": ""},
    }}, NOW + 3 * H)  # fmt: skip
    answers(10)
    assert times(case)["all_gone"] is None
    answer(right, gone(right), NOW + 6 * H)
    answers(10)
    assert times(case)["all_gone"] == NOW + 6 * H


@pytest.mark.parametrize("state", ["approved", "sent"])
def test_a_second_notice_that_nobody_answered_keeps_the_case_open(
    case: Case, notice: Dispatch, analyst: Any, reviewer: Any, state: str
) -> None:
    at = None if state == "approved" else NOW
    other = sent(
        notice.plan,
        recipient(name="Vase Board"),
        [account("bowls.one")],
        analyst,
        reviewer,
        at=at,
        state=state,
    )
    answer(notice, gone(notice), NOW + 2 * H)
    answers(10)
    assert times(case)["all_gone"] is None
    Dispatch.objects.filter(pk=other.pk).update(state="withdrawn")
    assert times(case)["all_gone"] == NOW + 2 * H


def test_a_later_notice_takes_all_gone_back(
    case: Case, notice: Dispatch, analyst: Any, reviewer: Any
) -> None:
    answer(notice, gone(notice))
    answers(10)
    clocks(10)
    sent(notice.plan, recipient(name="Vase Board"), [account("vase")], analyst, reviewer)
    CaseEvent.objects.create(case=case, kind="dispatch_sent", actor="worker", at=NOW)
    assert clocks(10) == 1
    assert CaseClock.objects.get(case=case).all_gone is None


def test_referrals_do_not_count_as_accounts(case: Case, analyst: Any, reviewer: Any) -> None:
    sent(plan_for(case), recipient("police", "River Police"), [account("bowls.one")], analyst, reviewer)
    assert times(case)["all_gone"] is None


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "under a minute"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=1, minutes=2), "1 h 2 min"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
        (timedelta(seconds=-5), "under a minute"),
    ],
)
def test_durations_are_said_in_two_units(span: timedelta, words: str) -> None:
    assert spoken(span) == words


def test_many_cases_cost_a_fixed_number_of_questions(
    django_assert_max_num_queries: Any, analyst: Any, reviewer: Any
) -> None:
    cases = [case_with(account(f"bowl{number}")) for number in range(12)]
    with django_assert_max_num_queries(6):
        compute(cases)


def line(case: Case, pk: int | None = None) -> CaseEvent:
    return CaseEvent.objects.create(pk=pk, case=case, kind="note", actor="worker", at=timezone.now())


def seen(case: Case) -> int | None:
    return CaseClock.objects.get(case=case).events_seen


def test_every_case_of_many_whose_timelines_grow_at_once_is_computed_in_its_turn() -> None:
    cases = [case_with(account(f"bowl{number}")) for number in range(5)]
    while clocks(2):
        pass
    for case in [*cases, cases[0], *cases]:
        line(case)
    done = [clocks(2) for _n in range(4)]
    assert done == [2, 2, 1, 0]
    assert [seen(case) for case in cases] == [3, 2, 2, 2, 2]


def test_a_line_that_was_committed_late_is_found_within_the_minute() -> None:
    case = case_with(account("bowl"))
    early = line(case).pk
    line(case)
    CaseEvent.objects.filter(pk=early).delete()
    clocks(10)
    assert seen(case) == 1
    line(case, pk=early)  # below what this process has followed
    assert clocks(10) == 0  # what was counted is not read again for each batch
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + steps.TIDIED):
        assert clocks(10) == 1
    assert seen(case) == 2
