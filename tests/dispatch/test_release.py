"""What was approved leaves once, exactly as approved, when nothing binds it; what became of it is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from plan_rows import SUSPECT, approve_all, mention, proposed, suspect_case, to

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cases.models import Case
from tocsin.directory.models import Route
from tocsin.dispatch import holds, pages
from tocsin.dispatch import plan as planning
from tocsin.dispatch.models import Dispatch, PageCopy, Plan
from tocsin.dispatch.release import follow, release, release_plan
from tocsin.lib import sealing
from tocsin.lib.models import StepFailure
from tocsin.post.models import Message
from tocsin.tips.models import Mention


@pytest.fixture
def case(directory: None, analyst: Any) -> Case:
    return suspect_case(analyst)


@pytest.fixture
def plan(case: Case, analyst: Any, reviewer: Any) -> Plan:
    """Police first, all approved."""
    found = proposed(case, analyst)
    approve_all(found, reviewer)
    return found


def states(plan: Plan) -> dict[str, str]:
    return dict(plan.dispatches.values_list("recipient__key", "state"))


def deliver(*, failed: bool = False) -> None:
    """The outbox hands everything over, or gives up."""
    state = (
        {"state": "failed", "failure": "refused"} if failed else {"state": "sent", "sent_at": timezone.now()}
    )
    Message.objects.filter(state="queued").update(**state)


# --- four eyes -----------------------------------------------------------------------------------------------


def test_the_proposer_cannot_approve(case: Case, reviewer: Any) -> None:
    plan = proposed(case, reviewer)
    row = to(plan, "weibo")
    with pytest.raises(NotAllowed, match="yourself"):
        planning.approve(row, reviewer, row.digest)
    assert states(plan)["weibo"] == "proposed"


def test_an_analyst_cannot_approve_or_reject(case: Case, analyst: Any) -> None:
    row = to(proposed(case, analyst), "weibo")
    with pytest.raises(NotAllowed, match="may not approve"):
        planning.approve(row, analyst, row.digest)
    with pytest.raises(NotAllowed, match="may not reject"):
        planning.reject(row, analyst, "no")


def test_a_digest_that_was_not_seen_is_refused(case: Case, analyst: Any, reviewer: Any) -> None:
    row = to(proposed(case, analyst), "weibo")
    for digest in ("", "0" * 64):
        with pytest.raises(NotAllowed, match="changed"):
            planning.approve(row, reviewer, digest)


def test_content_that_changed_after_proposing_is_not_approved(
    case: Case, analyst: Any, reviewer: Any
) -> None:
    row = to(proposed(case, analyst), "weibo")
    Dispatch.objects.filter(pk=row.pk).update(content_sealed=sealing.seal_bytes(row.content() + b"more"))
    with pytest.raises(NotAllowed, match="changed"):
        planning.approve(row, reviewer, row.digest)


def test_what_is_no_longer_reported_is_not_approved(case: Case, analyst: Any, reviewer: Any) -> None:
    row = to(proposed(case, analyst), "weibo")
    Mention.objects.filter(identifier__canonical=SUSPECT[0][2]).update(role="bystander")
    with pytest.raises(NotAllowed, match="no longer marked as reported"):
        planning.approve(row, reviewer, row.digest)


def test_a_rejection_keeps_its_reason_sealed(case: Case, analyst: Any, reviewer: Any) -> None:
    row = planning.reject(to(proposed(case, analyst), "weibo"), reviewer, "the wrong kiln")
    assert sealing.unseal(row.rejection_sealed) == "the wrong kiln"
    assert "kiln" not in str(list(case.events.values_list("facts"))) + str(
        list(AuditRow.objects.values_list("detail"))
    )
    with pytest.raises(NotAllowed, match="no longer waiting"):
        planning.approve(row, reviewer, row.digest)


# --- police first --------------------------------------------------------------------------------------------


def test_nothing_leaves_before_it_is_approved(case: Case, analyst: Any) -> None:
    proposed(case, analyst)
    assert release(100) == 0
    assert not Message.objects.exists()


def test_police_first_sends_the_referral_and_holds_the_notices_back(plan: Plan) -> None:
    assert release(100) == 1
    assert states(plan) == {
        "police-harbin": "queued",
        "weibo": "approved",
        "x": "approved",
        "hosting-home": "approved",
    }
    assert release(100) == 0


def test_together_sends_all_at_once(case: Case, analyst: Any, reviewer: Any) -> None:
    plan = proposed(case, analyst, order="together")
    approve_all(plan, reviewer)
    assert release(100) == 4
    assert set(states(plan).values()) == {"queued"}


def test_a_release_by_a_person_lets_the_notices_go_and_is_recorded(plan: Plan, reviewer: Any) -> None:
    release(100)
    release_plan(plan, reviewer, "police_silent")
    assert release(100) == 3
    plan.refresh_from_db()
    assert (plan.released_by, plan.released_why) == (reviewer, "police_silent")
    assert AuditRow.objects.filter(action="plan.released", actor=reviewer.actor).count() == 1
    assert plan.case.events.filter(kind="plan_released", facts__why="police_silent").count() == 1


def test_only_an_approver_with_a_reason_releases_and_only_once(
    plan: Plan, analyst: Any, reviewer: Any
) -> None:
    with pytest.raises(NotAllowed, match="may not release"):
        release_plan(plan, analyst, "police_silent")
    with pytest.raises(NotAllowed, match="Say why"):
        release_plan(plan, reviewer, "")
    release_plan(plan, reviewer, "child_in_danger")
    with pytest.raises(NotAllowed, match="nothing to release"):
        release_plan(plan, reviewer, "child_in_danger")


def test_a_second_plan_waits_for_the_police_of_the_first(plan: Plan, analyst: Any, reviewer: Any) -> None:
    release(100)
    mention(plan.case, ("account", "instagram", "binghua.yichu", "handle"), "reported", analyst)
    lines = [line for line in planning.suggest(plan.case) if line.kind == "notice"]
    later = planning.make(plan.case, analyst, "together", lines)
    planning.propose(later, analyst)
    approve_all(later, reviewer)
    assert release(100) == 0
    release_plan(plan, reviewer, "said_by_phone")
    assert release(100) == 4


def test_a_hold_binds_a_notice_in_another_case_and_after_its_clock_ended(
    plan: Plan, analyst: Any, reviewer: Any
) -> None:
    release(100)
    referral = to(plan, "police-harbin")
    holds.set_from_page(referral, timezone.now() + timedelta(hours=1))
    other = suspect_case(analyst)
    second = proposed(other, analyst, order="together")
    approve_all(second, reviewer)
    assert release(100) == 1  # police of the other case hear of it; no platform does
    holds.Hold.objects.update(until=timezone.now() - timedelta(days=1))
    release_plan(plan, reviewer, "child_in_danger")
    assert release(100) == 0
    assert {state for key, state in states(second).items() if key != "police-harbin"} == {"approved"}


# --- exactly what was approved -------------------------------------------------------------------------------


def test_what_is_queued_is_byte_for_byte_what_was_approved(plan: Plan) -> None:
    release(100)
    row = to(plan, "police-harbin")
    assert row.message
    assert sealing.open_bytes(row.message.content_sealed) == row.content()
    assert row.message.content_digest == row.approved_digest
    assert sealing.unseal(row.message.address_sealed) == "desk@harbin-police.example"
    assert row.message.key == f"dispatch:{row.public_id}"


def test_the_step_run_twice_or_after_a_kill_queues_once(plan: Plan) -> None:
    release(100)
    row = to(plan, "police-harbin")
    # as if the process had died after queueing and the row had been written back
    Dispatch.objects.filter(pk=row.pk).update(state="approved", message=None, queued_at=None)
    release(100)
    assert Message.objects.count() == 1
    assert to(plan, "police-harbin").message == Message.objects.get()


def test_bytes_changed_after_approval_never_leave(plan: Plan) -> None:
    row = to(plan, "police-harbin")
    Dispatch.objects.filter(pk=row.pk).update(content_sealed=sealing.seal_bytes(row.content() + b"\r\nmore"))
    release(100)
    row = to(plan, "police-harbin")
    assert (row.state, row.failure) == ("failed", "content_changed")
    assert not Message.objects.exists()
    assert AuditRow.objects.filter(action="dispatch.failed", detail__why="content_changed").count() == 1
    assert plan.case.events.filter(kind="dispatch_failed").count() == 1


def test_an_address_changed_after_approval_gets_nothing(plan: Plan) -> None:
    Route.objects.filter(recipient__key="police-harbin").update(address="desk@elsewhere.example")
    release(100)
    row = to(plan, "police-harbin")
    assert (row.state, row.failure) == ("failed", "route_changed")
    assert not Message.objects.exists()


def test_a_role_changed_after_approval_stops_the_dispatch(plan: Plan) -> None:
    Mention.objects.filter(identifier__canonical=SUSPECT[0][2]).update(role="unknown")
    release(100)
    assert to(plan, "police-harbin").failure == "not_reported"
    assert not Message.objects.exists()


def test_a_row_that_breaks_does_not_stop_the_others(case: Case, analyst: Any, reviewer: Any) -> None:
    plan = proposed(case, analyst, order="together")
    approve_all(plan, reviewer)
    Dispatch.objects.filter(pk=to(plan, "x").pk).update(content_sealed=b"damaged")
    assert release(100) == 3
    assert states(plan)["x"] == "approved"
    assert StepFailure.objects.get(step="dispatch.release").reason == "SealBroken"


def test_an_immediate_case_is_urgent_in_the_outbox(directory: None, analyst: Any, reviewer: Any) -> None:
    plan = proposed(suspect_case(analyst, lane="immediate"), analyst)
    approve_all(plan, reviewer)
    release(100)
    assert Message.objects.get().urgent


def test_the_recipients_page_is_there_before_the_mail_is(plan: Plan) -> None:
    release(100)
    row = to(plan, "police-harbin")
    token = sealing.unseal_json(row.link_sealed)["token"]
    copy = pages.read_copy(token)
    assert copy
    assert copy["reference"] == row.reference
    assert PageCopy.objects.count() == 1


# --- what became of it ---------------------------------------------------------------------------------------


def test_what_was_sent_is_followed_and_the_case_is_dispatched(plan: Plan) -> None:
    release(100)
    assert follow(100) == 0
    deliver()
    assert follow(100) == 1
    row = to(plan, "police-harbin")
    assert row.message
    assert (row.state, row.sent_at) == ("sent", row.message.sent_at)
    assert Case.objects.get(pk=plan.case_id).state == "dispatched"
    assert plan.case.events.filter(kind="dispatch_sent").count() == 1
    assert follow(100) == 0


def test_what_could_not_be_delivered_is_failed_with_a_sentence(plan: Plan) -> None:
    release(100)
    deliver(failed=True)
    assert follow(100) == 1
    row = to(plan, "police-harbin")
    assert (row.state, row.failure) == ("failed", "not_delivered")
    assert follow(100) == 0


def test_an_answer_faster_than_the_step_keeps_its_state(plan: Plan) -> None:
    release(100)
    Dispatch.objects.filter(pk=to(plan, "police-harbin").pk).update(state="acknowledged")
    deliver()
    assert follow(100) == 1
    row = to(plan, "police-harbin")
    assert row.state == "acknowledged"
    assert row.sent_at


def test_the_timeline_names_recipients(plan: Plan, analyst: Any) -> None:
    from tocsin.cases.queries import timeline

    release(100)
    sentences = [line.sentence for line in timeline(plan.case)]
    assert "Put into the outbox: Referral to Harbin Public Security (demonstration)" in sentences
    assert "Approved: Notice to Weibo safety desk (demonstration)" in sentences
