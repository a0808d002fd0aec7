"""Answers of recipients change their dispatch, its items, the plan and the case; each counts once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sent_rows import NOW, account, answer, case_with, gone, plan_for, recipient, sent, token_of

from tocsin.cases.models import Case, CaseEvent
from tocsin.dispatch.answers import answers, words_of
from tocsin.dispatch.models import Answer, AnswerRead, Dispatch, Hold
from tocsin.dispatch.pages import read_copy, take_answer
from tocsin.lib import mailbox, sealing, signing

pytestmark = pytest.mark.django_db


@pytest.fixture
def bowls(analyst: Any, reviewer: Any) -> Dispatch:
    """A notice about two accounts."""
    two = [account("bowls.one"), account("bowls.two")]
    return sent(plan_for(case_with(*two)), recipient(), two, analyst, reviewer)


@pytest.fixture
def police(analyst: Any, reviewer: Any) -> Dispatch:
    """A referral about the same two accounts."""
    two = [account("bowls.one"), account("bowls.two")]
    return sent(plan_for(case_with(*two)), recipient("police", "River Police"), two, analyst, reviewer)


def items(dispatch: Dispatch) -> list[Any]:
    return list(dispatch.items.order_by("pk"))


def test_one_item_gone_is_not_acted_yet(bowls: Dispatch) -> None:
    first, second = items(bowls)
    answer(bowls, {"items": {first.public_id: {"answer": "suspended", "reason": ""}}})
    assert answers(10) == 1
    bowls.refresh_from_db()
    assert (bowls.state, bowls.acted_at) == ("acknowledged", None)
    assert bowls.acknowledged_at
    assert [item.answer for item in items(bowls)] == ["suspended", ""]
    assert second.answer == ""


def test_all_items_gone_makes_it_acted_at_the_time_of_the_last(bowls: Dispatch) -> None:
    first, second = items(bowls)
    answer(
        bowls, {"items": {first.public_id: {"answer": "suspended", "reason": ""}}}, NOW + timedelta(hours=1)
    )
    answer(
        bowls, {"items": {second.public_id: {"answer": "removed", "reason": ""}}}, NOW + timedelta(hours=2)
    )
    answers(10)
    bowls.refresh_from_db()
    assert (bowls.state, bowls.acknowledged_at) == ("acted", NOW + timedelta(hours=1))
    assert bowls.acted_at == NOW + timedelta(hours=2)


def test_saying_gone_again_keeps_the_first_time(bowls: Dispatch) -> None:
    answer(bowls, gone(bowls), NOW + timedelta(hours=1))
    answer(bowls, gone(bowls, "removed"), NOW + timedelta(days=5))
    answers(10)
    assert {item.answered_at for item in items(bowls)} == {NOW + timedelta(hours=1)}
    assert {item.answer for item in items(bowls)} == {"removed"}


def test_refusing_everything_is_refused_and_a_mix_is_acted(bowls: Dispatch) -> None:
    answer(bowls, gone(bowls, "refused"))
    answers(10)
    bowls.refresh_from_db()
    assert (bowls.state, bowls.last_answer) == ("refused", "refused")
    answer(bowls, {"items": {items(bowls)[0].public_id: {"answer": "removed", "reason": ""}}})
    answers(10)
    bowls.refresh_from_db()
    assert bowls.state == "acted"


def test_a_reason_is_stored_sealed_and_is_in_no_event_or_audit(bowls: Dispatch) -> None:
    from tocsin.audit.models import AuditRow

    first = items(bowls)[0]
    answer(
        bowls,
        {
            "items": {first.public_id: {"answer": "refused", "reason": "the bowl is blue"}},
            "text": "and round",
        },
    )
    answers(10)
    first.refresh_from_db()
    assert sealing.unseal(first.reason_sealed) == "the bowl is blue"
    assert [text for _at, text in words_of(bowls)] == ["and round"]
    plain = repr(list(CaseEvent.objects.values())) + repr(list(AuditRow.objects.values()))
    assert "blue" not in plain and "round" not in plain


def test_running_twice_changes_nothing(bowls: Dispatch) -> None:
    answer(bowls, gone(bowls))
    assert [answers(10), answers(10)] == [1, 0]
    assert AnswerRead.objects.count() == 1
    assert CaseEvent.objects.filter(case=bowls.case, kind="answered").count() == 1


def test_the_same_form_posted_twice_counts_once_and_other_words_are_asked_again(bowls: Dispatch) -> None:
    form, token = signing.form_token(), token_of(bowls)
    assert take_answer(token, form, gone(bowls)) == "new"
    assert take_answer(token, form, gone(bowls)) == "again"
    assert take_answer(token, form, gone(bowls, "refused")) == "changed"
    assert Answer.objects.count() == 1


def test_a_form_used_on_one_link_does_not_answer_another(bowls: Dispatch, police: Dispatch) -> None:
    form = signing.form_token()
    assert take_answer(token_of(bowls), form, {"text": "x"}) == "new"
    assert take_answer(token_of(police), form, {"text": "x"}) == "changed"


def test_the_recipient_sees_what_it_answered(bowls: Dispatch) -> None:
    answer(bowls, gone(bowls))
    answers(10)
    copy = read_copy(token_of(bowls))
    assert copy and {item["answer"] for item in copy["items"]} == {"suspended"}
    assert copy["state"] == "acted"


def test_an_answer_to_a_withdrawn_notice_changes_nothing(bowls: Dispatch) -> None:
    Dispatch.objects.filter(pk=bowls.pk).update(state="withdrawn")
    answer(bowls, gone(bowls))
    assert answers(10) == 1
    assert AnswerRead.objects.get().result == "withdrawn"
    assert {item.answer for item in items(bowls)} == {""}


def test_an_answer_that_belongs_to_nothing_is_kept_and_marked(db: None) -> None:
    Answer.objects.create(
        nonce="n", tag=mailbox.tag("x"), sealed=sealing.seal_json({"version": 1}), received_at=NOW
    )
    assert answers(10) == 1
    assert AnswerRead.objects.get().result == "unknown"


def test_damaged_answers_do_not_stop_the_others(bowls: Dispatch) -> None:
    Answer.objects.create(nonce="broken", tag=bowls.mailbox_tag, sealed=b"not sealed", received_at=NOW)
    answer(bowls, gone(bowls))
    assert answers(10) == 1
    bowls.refresh_from_db()
    assert bowls.state == "acted"


def test_items_of_another_dispatch_cannot_be_answered(bowls: Dispatch, analyst: Any, reviewer: Any) -> None:
    vase = account("vase")
    other = sent(plan_for(case_with(vase)), recipient(), [vase], analyst, reviewer)
    answer(bowls, gone(other))
    answers(10)
    assert items(other)[0].answer == ""


@pytest.mark.parametrize(
    ("code", "state", "released"),
    [
        ("received", "acknowledged", ""),
        ("go_ahead", "acknowledged", "police_go_ahead"),
        ("already_known", "acknowledged", ""),
        ("not_ours", "refused", ""),
        ("arrested", "acted", "police_arrested"),
        ("no_action", "refused", "police_no_action"),
    ],
)
def test_each_police_answer_moves_its_referral_and_maybe_the_plan(
    police: Dispatch, code: str, state: str, released: str
) -> None:
    answer(police, {"answer": code, "text": ""}, NOW + timedelta(hours=3))
    answers(10)
    police.refresh_from_db()
    assert (police.state, police.last_answer, police.plan.released_why) == (state, code, released)
    assert (police.plan.released_at == NOW + timedelta(hours=3)) is bool(released)
    assert (police.arrested_at == NOW + timedelta(hours=3)) is (code == "arrested")


def test_notices_wait_until_every_police_force_of_the_plan_has_answered(
    police: Dispatch, analyst: Any, reviewer: Any
) -> None:
    two = [account("bowls.one")]
    second = sent(police.plan, recipient("police", "Hill Police"), two, analyst, reviewer)
    answer(police, {"answer": "go_ahead"})
    answers(10)
    police.plan.refresh_from_db()
    assert police.plan.released_at is None
    answer(second, {"answer": "go_ahead"})
    answers(10)
    police.plan.refresh_from_db()
    assert police.plan.released_at


def test_police_that_are_not_competent_are_not_waited_for(
    police: Dispatch, analyst: Any, reviewer: Any
) -> None:
    second = sent(police.plan, recipient("police", "Hill Police"), [account("bowls.one")], analyst, reviewer)
    answer(second, {"answer": "not_ours"})
    answer(police, {"answer": "go_ahead"})
    answers(10)
    police.plan.refresh_from_db()
    assert police.plan.released_at


def test_only_police_may_hold_release_or_arrest(analyst: Any, reviewer: Any) -> None:
    jar = account("jar")
    hotline = sent(plan_for(case_with(jar)), recipient("hotline", "Harbour Line"), [jar], analyst, reviewer)
    for said in ({"answer": "hold", "until": "2026-04-01"}, {"answer": "go_ahead"}, {"answer": "arrested"}):
        answer(hotline, said)
    answers(10)
    hotline.refresh_from_db()
    assert set(AnswerRead.objects.values_list("result", flat=True)) == {"unreadable"}
    assert (hotline.state, hotline.arrested_at, hotline.plan.released_at) == ("sent", None, None)
    assert not Hold.objects.exists()


def test_hold_until_holds_the_case_and_go_ahead_lets_it_go(police: Dispatch) -> None:
    answer(police, {"answer": "hold", "until": "2026-04-01", "about": []})
    answers(10)
    hold = Hold.objects.get()
    assert hold.until.isoformat() == "2026-04-02T12:00:00+00:00"  # when that day has ended everywhere
    assert Case.objects.get(pk=police.case_id).state == "held"
    copy = read_copy(token_of(police))
    assert copy and len(copy["holds"][0]["items"]) == 2
    answer(police, {"answer": "go_ahead", "about": []})
    answers(10)
    hold.refresh_from_db()
    assert hold.lifted_at and hold.lifted_by == f"dispatch:{police.public_id}"
    assert Case.objects.get(pk=police.case_id).state == "dispatched"
