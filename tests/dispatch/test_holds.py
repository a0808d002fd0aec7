"""A hold binds every case that touches what is held, until police or a person lift it; time alone lifts nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from sent_rows import NOW, account, answer, case_with, plan_for, recipient, reported, sent

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cases.models import Case, CaseEvent, Note
from tocsin.dispatch import holds
from tocsin.dispatch.answers import answers
from tocsin.dispatch.models import Dispatch, Hold, Plan
from tocsin.dispatch.release import follow, release
from tocsin.lib import sealing
from tocsin.post.models import Message

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


@pytest.fixture
def shared() -> Any:
    return account("kiln")


@pytest.fixture
def first(shared: Any, analyst: Any, reviewer: Any) -> Dispatch:
    """Police were told about the kiln and a jar, in one case."""
    both = [shared, account("jar")]
    return sent(plan_for(case_with(*both)), recipient("police", "River Police"), both, analyst, reviewer)


@pytest.fixture
def second(shared: Any, analyst: Any, reviewer: Any) -> Dispatch:
    """A notice about the kiln waits in another case."""
    case = case_with(shared, account("other"))
    return sent(plan_for(case), recipient(), [shared], analyst, reviewer, at=None, state="approved")


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def test_a_hold_binds_the_other_case_that_shares_an_identifier(
    first: Dispatch, second: Dispatch, shared: Any
) -> None:
    assert not holds.binds(second) and not holds.case_held(second.case)
    holds.set_from_page(first, LATER)
    assert holds.bound([shared.pk, account("other").pk]) == {shared.pk}
    assert holds.binds(second)
    assert holds.case_held(second.case) and state_of(second.case) == "held"
    assert [hold.pk for hold in holds.of_case(second.case)] == [Hold.objects.get().pk]
    assert CaseEvent.objects.filter(case=second.case, kind="hold_set").exists()


def test_a_referral_is_not_bound_because_it_tips_nobody_off(first: Dispatch) -> None:
    holds.set_from_page(first, LATER)
    assert not holds.binds(first)


def test_a_case_that_touches_nothing_held_stays_free(first: Dispatch) -> None:
    free = case_with(account("unrelated"))
    holds.set_from_page(first, LATER)
    assert not holds.case_held(free) and state_of(free) == "assessed"


def test_go_ahead_frees_both_cases(first: Dispatch, second: Dispatch, shared: Any) -> None:
    holds.set_from_page(first, LATER)
    holds.lift_from_page(first)
    assert holds.bound([shared.pk]) == set() and not holds.binds(second)
    assert (state_of(first.case), state_of(second.case)) == ("dispatched", "open")


def test_go_ahead_of_one_police_force_leaves_the_hold_of_another(
    first: Dispatch, second: Dispatch, shared: Any, analyst: Any, reviewer: Any
) -> None:
    hill = sent(second.plan, recipient("police", "Hill Police"), [shared], analyst, reviewer)
    holds.set_from_page(first, LATER)
    holds.set_from_page(hill, LATER)
    holds.lift_from_page(first)
    assert holds.bound([shared.pk]) == {shared.pk} and holds.binds(second)


def test_when_its_time_has_passed_it_still_binds_and_a_person_is_asked(
    first: Dispatch, second: Dispatch, shared: Any
) -> None:
    hold = holds.set_from_page(first, NOW + timedelta(days=1))
    assert holds.expired(now=NOW) == []
    assert [one.pk for one in holds.expired(now=NOW + timedelta(days=1))] == [hold.pk]
    assert holds.binds(second) and holds.case_held(first.case)


def test_asking_again_moves_the_end_without_a_second_hold(first: Dispatch) -> None:
    holds.set_from_page(first, LATER)
    holds.set_from_page(first, LATER + timedelta(days=5))
    assert Hold.objects.get().until == LATER + timedelta(days=5)


def test_a_hold_and_a_go_ahead_may_be_about_a_part(first: Dispatch, shared: Any) -> None:
    jar = account("jar")
    holds.set_from_page(first, LATER)
    holds.lift_from_page(first, [jar.pk])
    assert holds.bound([jar.pk, shared.pk]) == {shared.pk}
    assert Hold.objects.get().lifted_at is None
    holds.lift_from_page(first, [shared.pk])
    assert holds.bound([jar.pk, shared.pk]) == set()
    assert Hold.objects.get().lifted_at is not None


def test_what_a_partial_go_ahead_leaves_out_stays_silent(first: Dispatch, shared: Any) -> None:
    jar = account("jar")
    holds.lift_from_page(first, [jar.pk])
    assert holds.bound([jar.pk, shared.pk]) == {shared.pk}


def test_another_end_for_a_part_moves_only_that_part(first: Dispatch, shared: Any) -> None:
    jar = account("jar")
    holds.set_from_page(first, LATER)
    holds.set_from_page(first, LATER + timedelta(days=9), [jar.pk])
    assert holds.bound([jar.pk, shared.pk]) == {jar.pk, shared.pk}
    ends = {row.identifier_id: row.hold.until for row in holds.binding()}
    assert ends == {shared.pk: LATER, jar.pk: LATER + timedelta(days=9)}


def test_by_telephone_it_binds_at_once_and_another_person_confirms(
    first: Dispatch, second: Dispatch, shared: Any, analyst: Any, reviewer: Any
) -> None:
    until = timezone.now() + timedelta(days=3)
    hold = holds.record_by_phone(
        analyst, first.case, until, "The desk of River Police called", [shared.public_id]
    )
    assert holds.binds(second)
    with pytest.raises(NotAllowed, match="another person"):
        holds.confirm(hold, analyst)
    holds.confirm(hold, reviewer)
    hold.refresh_from_db()
    assert (hold.recorded_by, hold.confirmed_by) == (analyst, reviewer)
    with pytest.raises(NotAllowed, match="not waiting"):
        holds.confirm(hold, reviewer)
    assert "River Police" in sealing.unseal(Note.objects.get(case=first.case).text_sealed)
    assert "River" not in repr(list(AuditRow.objects.values()))


def test_the_database_refuses_one_person_as_both(first: Dispatch, analyst: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(until=LATER, set_at=NOW, recorded_by=analyst, confirmed_by=analyst)


def test_a_telephone_hold_needs_words_and_an_end_that_lies_ahead(first: Dispatch, analyst: Any) -> None:
    with pytest.raises(NotAllowed, match="past"):
        holds.record_by_phone(analyst, first.case, timezone.now() - timedelta(days=1), "they called")
    with pytest.raises(NotAllowed, match="who called"):
        holds.record_by_phone(analyst, first.case, timezone.now() + timedelta(days=1), "  ")
    assert not Hold.objects.exists()


def test_a_reviewer_lifts_with_a_reason_and_an_analyst_cannot(
    first: Dispatch, analyst: Any, reviewer: Any
) -> None:
    hold = holds.set_from_page(first, LATER)
    with pytest.raises(NotAllowed, match="may not lift"):
        holds.lift(hold, analyst, "expired_and_asked")
    with pytest.raises(NotAllowed, match="why"):
        holds.lift(hold, reviewer, "")
    holds.lift(hold, reviewer, "expired_and_asked")
    assert AuditRow.objects.get(action="hold.lifted").detail == {"reason": "expired_and_asked"}
    with pytest.raises(NotAllowed, match="already"):
        holds.lift(hold, reviewer, "expired_and_asked")


def test_a_case_that_meets_a_hold_later_is_marked_by_the_next_step(first: Dispatch, shared: Any) -> None:
    holds.set_from_page(first, LATER)
    late = case_with(shared)
    assert holds.case_held(late) and state_of(late) == "assessed"
    answers(10)
    assert state_of(late) == "held"


def test_a_closed_case_stays_closed(first: Dispatch, shared: Any) -> None:
    closed = case_with(shared, state="closed")
    holds.set_from_page(first, LATER)
    assert holds.case_held(closed) and state_of(closed) == "closed"


@pytest.fixture
def ready(second: Dispatch, analyst: Any) -> Dispatch:
    """The notice of the other case may leave: its plan does not wait for police."""
    reported(second.case, analyst)
    Plan.objects.filter(pk=second.plan_id).update(order="together")
    return second


def walk() -> None:
    answers(10)
    release(10)
    follow(10)


def test_a_held_notice_does_not_leave_whatever_the_hour_and_leaves_after_go_ahead(
    first: Dispatch, ready: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(first, {"answer": "hold", "until": (timezone.now() + timedelta(days=2)).date().isoformat()})
    walk()
    assert state_of_dispatch(ready) == "approved" and not Message.objects.exists()
    late = timezone.now() + timedelta(days=40)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    walk()
    assert holds.expired() and state_of_dispatch(ready) == "approved" and not Message.objects.exists()
    answer(first, {"answer": "go_ahead"})
    walk()
    assert state_of_dispatch(ready) == "queued"


def test_a_hold_takes_back_what_is_still_in_the_outbox_and_keeps_its_message_id(
    first: Dispatch, ready: Dispatch
) -> None:
    walk()
    name = Message.objects.get().message_id
    holds.set_from_page(first, LATER)
    assert state_of_dispatch(ready) == "approved" and not Message.objects.exists()
    assert CaseEvent.objects.filter(case=ready.case, kind="dispatch_called_back").exists()
    walk()
    assert not Message.objects.exists()
    holds.lift_from_page(first)
    walk()
    assert Message.objects.get().message_id == name


def test_what_is_being_handed_over_at_this_moment_is_left_alone(first: Dispatch, ready: Dispatch) -> None:
    walk()
    Message.objects.update(lease_until=timezone.now() + timedelta(minutes=5))
    holds.set_from_page(first, LATER)
    assert state_of_dispatch(ready) == "queued" and Message.objects.exists()


def test_a_notice_without_a_hold_does_leave(ready: Dispatch) -> None:
    walk()
    assert state_of_dispatch(ready) == "queued" and Message.objects.exists()


def state_of_dispatch(dispatch: Dispatch) -> str:
    return Dispatch.objects.get(pk=dispatch.pk).state
