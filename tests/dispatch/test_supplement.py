"""A dispatched case learns something new: a supplement is drafted for that alone, and leaves only by two people."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from plan_rows import NARRATIVE, approve_all, identifier, open_case, proposed, suspect_case, to

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cases import findings, roles
from tocsin.cases.models import Case, CaseEvent, CaseState, CaseTip
from tocsin.cases.states import set_state
from tocsin.dispatch import holds, queries, supplement
from tocsin.dispatch import plan as planning
from tocsin.dispatch.models import Dispatch, DispatchItem, Plan, SupplementLook
from tocsin.dispatch.release import follow, release
from tocsin.dispatch.supplement import supplements
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import SEALED_ROLES
from tocsin.lib import sealing, steps
from tocsin.post.models import Message
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier, seal_identifier

NEW_WEIBO = ("account", "weibo", "uid:6660077002", "strong")
NEW_X = ("account", "x", "binghua_two", "handle")


@pytest.fixture
def case(directory: None, analyst: Any, reviewer: Any) -> Case:
    """Dispatched: everybody was told of what the first tip named."""
    return dispatched(analyst, reviewer)


def dispatched(analyst: Any, reviewer: Any, order: str = "together") -> Case:
    found = suspect_case(analyst)
    approve_all(proposed(found, analyst, order), reviewer)
    leave()
    found.refresh_from_db()
    assert found.state == "dispatched"
    return found


def leave() -> None:
    """What may leave leaves, and the outbox hands it over."""
    release(100)
    Message.objects.filter(state="queued").update(state="sent", sent_at=timezone.now())
    follow(100)


def add_tip(case: Case, *triples: tuple[str, str, str, str], role: str = "unknown") -> list[Identifier]:
    """Another tip joins the case and names these."""
    tip = open_case(text=f"{NARRATIVE} {timezone.now()}").case_tips.get().tip
    CaseTip.objects.filter(tip=tip).update(case=case)
    rows = [identifier(*triple) for triple in triples]
    for triple, row in zip(triples, rows, strict=True):
        sealed = role in SEALED_ROLES
        Mention.objects.create(
            tip=tip, identifier=None if sealed else row, strength=triple[3], data_version="test", rule="test",
            identifier_sealed=seal_identifier(*triple[:3]) if sealed else None, start=0, end=1, role=role,
        )  # fmt: skip
    return rows


def mark(case: Case, row: Identifier, user: Any, role: str = "reported") -> None:
    roles.set_role(case, row.public_id, role, user)


def drafts(case: Case) -> dict[str, list[str]]:
    """Recipient -> what the waiting draft tells it."""
    plan = supplement.of_case(case)
    rows = plan.dispatches.all() if plan else Dispatch.objects.none()
    return {row.recipient.key: sorted(item.identifier.canonical for item in row.items.all()) for row in rows}


def protected(case: Case) -> set[tuple[str, str, str]]:
    sealed = Mention.objects.filter(tip__case_tip__case=case, identifier_sealed__isnull=False)
    return {open_identifier(row.identifier_sealed or b"") for row in sealed}


def nothing_protected_in_any_draft(case: Case) -> None:
    """Looks into every draft there is: its rows and its text."""
    names = protected(case)
    assert names
    for row in Dispatch.objects.filter(case=case):
        told = {(i.identifier.kind, i.identifier.platform, i.identifier.canonical) for i in row.items.all()}
        assert not told & names
        text = queries.draft_text(row) + row.content().decode()
        for _kind, _platform, canonical in names:
            assert canonical.rpartition(":")[2] not in text


# --- what is drafted -----------------------------------------------------------------------------------------


def test_a_dispatched_case_without_news_has_no_supplement(case: Case) -> None:
    supplements(100)
    assert drafts(case) == {}
    assert not CaseEvent.objects.filter(case=case, kind="supplement_drafted").exists()


def test_what_waits_for_a_role_is_listed_and_not_drafted(case: Case, analyst_client: Any) -> None:
    add_tip(case, NEW_WEIBO)
    supplements(100)
    assert drafts(case) == {}
    page = analyst_client.get(reverse("dispatch:supplement_panel", args=[case.number])).content.decode()
    assert "without a role" in page
    assert "6660077002" in page


def test_a_new_reported_identifier_is_drafted_for_its_host_and_the_police_that_know(
    case: Case, analyst: Any
) -> None:
    before = {row.recipient.key for row in case.dispatches.filter(kind="referral")}
    assert before
    (row,) = add_tip(case, NEW_WEIBO)
    mark(case, row, analyst)
    supplements(100)
    assert drafts(case) == {"weibo": ["uid:6660077002"], **{key: ["uid:6660077002"] for key in before}}
    plan = supplement.of_case(case)
    assert plan is not None
    assert plan.supplement_to is not None
    assert all(one.state == "draft" for one in plan.dispatches.all())
    assert CaseEvent.objects.filter(case=case, kind="supplement_drafted").count() == 1
    assert AuditRow.objects.filter(action="supplement.drafted").count() == 1


def test_what_was_told_already_is_never_in_a_supplement(case: Case, analyst: Any) -> None:
    told = set(DispatchItem.objects.filter(dispatch__case=case).values_list("identifier_id", flat=True))
    rows = add_tip(case, NEW_WEIBO, NEW_X, ("account", "weibo", "uid:6660077001", "strong"))
    for row in rows:
        mark(case, row, analyst)
    supplements(100)
    plan = supplement.of_case(case)
    assert plan is not None
    new = set(DispatchItem.objects.filter(dispatch__plan=plan).values_list("identifier_id", flat=True))
    assert new == {rows[0].pk, rows[1].pk}
    assert not new & told


def test_what_was_left_out_of_the_plan_on_purpose_is_not_drafted(
    directory: None, analyst: Any, reviewer: Any
) -> None:
    case = suspect_case(analyst)
    lines = [line for line in planning.suggest(case) if line.recipient and line.recipient.key == "weibo"]
    plan = planning.make(case, analyst, "together", lines)
    planning.propose(plan, analyst)
    approve_all(plan, reviewer)
    leave()
    supplements(100)
    assert drafts(case) == {}


def test_a_finding_marked_as_reported_is_drafted_too(case: Case, analyst: Any) -> None:
    findings.add(case, analyst, "weibo: uid:6660077002", role="reported")
    supplements(100)
    assert drafts(case)["weibo"] == ["uid:6660077002"]


def test_a_second_piece_of_news_joins_the_same_draft(case: Case, analyst: Any) -> None:
    first, second = add_tip(case, NEW_WEIBO, NEW_X)
    mark(case, first, analyst)
    supplements(100)
    references = {row.recipient.key: row.reference for row in supplement.of_case(case).dispatches.all()}  # type: ignore[union-attr]
    mark(case, second, analyst)
    supplements(100)
    assert drafts(case)["x"] == ["binghua_two"]
    assert drafts(case)["weibo"] == ["uid:6660077002"]
    now = {row.recipient.key: row.reference for row in supplement.of_case(case).dispatches.all()}  # type: ignore[union-attr]
    assert now["weibo"] == references["weibo"]
    assert Plan.objects.filter(case=case, supplement_to__isnull=False).count() == 1


# --- what must never be in one -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["child", "reporter", "bystander", "unknown"])
def test_only_what_is_reported_is_drafted_and_what_ceases_to_be_leaves_the_draft(
    case: Case, analyst: Any, role: str
) -> None:
    (row,) = add_tip(case, NEW_WEIBO)
    mark(case, row, analyst)
    supplements(100)
    assert drafts(case)
    mark(case, row, analyst, role)
    supplements(100)
    assert drafts(case) == {}
    nothing_protected_in_any_draft(case)


def test_what_a_tip_calls_the_reporters_own_is_not_drafted_though_a_person_reported_it(
    case: Case, analyst: Any
) -> None:
    """A person can still plan it by hand, where the page warns; software does not propose it."""
    (row,) = add_tip(case, NEW_WEIBO)
    mark(case, row, analyst)
    add_tip(case, NEW_WEIBO, role="reporter")
    supplements(100)
    assert drafts(case) == {}
    nothing_protected_in_any_draft(case)


def test_children_and_reporters_are_in_no_draft_whatever_else_is_new(case: Case, analyst: Any) -> None:
    add_tip(case, ("account", "weibo", "uid:6660079999", "strong"), role="child")
    add_tip(case, ("account", "weibo", "uid:6660078888", "strong"), role="reporter")
    (row,) = add_tip(case, NEW_WEIBO)
    mark(case, row, analyst)
    supplements(100)
    assert drafts(case)["weibo"] == ["uid:6660077002"]
    nothing_protected_in_any_draft(case)


def test_a_hub_and_a_bystander_are_not_drafted(case: Case, analyst: Any) -> None:
    for row in add_tip(case, ("site", "web", "hub2.example.com", "hub")):
        mark(case, row, analyst)
    supplements(100)
    assert drafts(case) == {}


# --- people --------------------------------------------------------------------------------------------------


def ready(case: Case, analyst: Any) -> Plan:
    (row,) = add_tip(case, NEW_WEIBO)
    mark(case, row, analyst)
    supplements(100)
    plan = supplement.of_case(case)
    assert plan is not None
    return plan


def test_a_draft_leaves_nothing_until_one_proposes_and_another_approves(
    case: Case, analyst: Any, reviewer: Any
) -> None:
    plan = ready(case, analyst)
    before = Message.objects.count()
    with pytest.raises(NotAllowed, match="draft by software"):
        planning.propose(plan, analyst)
    leave()
    assert Message.objects.count() == before
    supplement.take_up(plan, analyst)
    leave()
    assert Message.objects.count() == before
    row = to(plan, "weibo")
    with pytest.raises(NotAllowed, match="yourself"):
        planning.approve(row, reviewer_of(analyst), row.digest)
    approve_all(plan, reviewer)
    leave()
    assert Message.objects.count() == before + plan.dispatches.count()
    supplements(100)
    assert drafts(case) == {}


def reviewer_of(user: Any) -> Any:
    """The same person with a reviewer's role: the role does not let anybody approve an own proposal."""
    user.role = "reviewer"
    user.save()
    return user


def test_the_letter_says_what_it_supplements_and_names_only_what_is_new(case: Case, analyst: Any) -> None:
    before = Dispatch.objects.get(case=case, recipient__key="weibo")
    plan = ready(case, analyst)
    supplement.take_up(plan, analyst)
    row = to(plan, "weibo")
    assert row.supplement_to == before
    letter = queries.letter(row)
    subject = dict(letter.headers)["Subject"]
    assert before.reference in letter.text
    assert before.reference in subject
    assert "6660077002" in letter.text
    assert "6660077001" not in row.content().decode()
    assert case.number not in row.content().decode()


def test_a_host_that_was_told_nothing_before_reads_of_no_earlier_notice(
    case: Case, analyst: Any, directory: None
) -> None:
    references = set(case.dispatches.values_list("reference", flat=True))
    case.dispatches.filter(recipient__key="x").update(
        state="withdrawn", approved_digest="0" * 64, digest="0" * 64
    )
    (row,) = add_tip(case, NEW_X)
    mark(case, row, analyst)
    supplements(100)
    plan = supplement.of_case(case)
    assert plan is not None
    text = queries.draft_text(to(plan, "x"))
    assert "supplement" not in text.lower()
    assert not any(reference in text for reference in references)


def test_police_first_stays_police_first_where_police_hear_of_it(
    directory: None, analyst: Any, reviewer: Any
) -> None:
    case = dispatched(analyst, reviewer, "police_first")
    plan = ready(case, analyst)
    assert plan.order == "police_first"
    supplement.take_up(plan, analyst)
    approve_all(plan, reviewer)
    leave()
    assert to(plan, "weibo").state == "approved"
    assert plan.dispatches.filter(kind="referral").get().state == "sent"


def test_a_recipient_that_is_not_ticked_is_dropped_and_not_drafted_again(case: Case, analyst: Any) -> None:
    plan = ready(case, analyst)
    supplement.take_up(plan, analyst, [to(plan, "weibo").public_id])
    assert to(plan, "weibo").state == "proposed"
    assert plan.dispatches.get(kind="referral").state == "rejected"
    supplements(100)
    assert drafts(case) == {}


def test_a_discarded_draft_is_not_drafted_again_and_can_be_planned_by_hand(case: Case, analyst: Any) -> None:
    plan = ready(case, analyst)
    supplement.discard(plan, analyst)
    (other,) = add_tip(case, NEW_X)
    mark(case, other, analyst)
    supplements(100)
    assert all("uid:6660077002" not in names for names in drafts(case).values())
    by_hand = [line for line in planning.suggest(case) if line.recipient and line.recipient.key == "weibo"]
    assert [row.canonical for row in by_hand[0].identifiers] == ["uid:6660077002"]


def test_what_somebody_planned_by_hand_leaves_the_draft(case: Case, analyst: Any) -> None:
    ready(case, analyst)
    planning.make(case, analyst, "together", planning.suggest(case))
    supplements(100)
    assert drafts(case) == {}


def test_a_draft_that_is_no_longer_due_cannot_be_taken_up(case: Case, analyst: Any) -> None:
    plan = ready(case, analyst)
    row = Identifier.objects.get(canonical="uid:6660077002")
    mark(case, row, analyst, "bystander")
    with pytest.raises(NotAllowed, match="no longer there"):
        supplement.take_up(plan, analyst)
    assert not Dispatch.objects.filter(plan=plan, state="proposed").exists()


# --- holds and closed cases ----------------------------------------------------------------------------------


def test_while_police_ask_for_silence_only_police_hear_of_more(
    case: Case, analyst: Any, reviewer: Any
) -> None:
    hold = holds.record_by_phone(reviewer, case, timezone.now() + timedelta(days=3), "The officer called.")
    (row,) = add_tip(case, NEW_WEIBO)
    mark(case, row, analyst)
    supplements(100)
    plan = supplement.of_case(case)
    assert plan is not None
    assert {one.kind for one in plan.dispatches.all()} == {"referral"}
    holds.lift(hold, reviewer, "police_by_phone")
    supplements(100)
    assert drafts(case)["weibo"] == ["uid:6660077002"]


def test_a_hold_takes_the_notices_out_of_a_draft(case: Case, analyst: Any, reviewer: Any) -> None:
    ready(case, analyst)
    holds.record_by_phone(reviewer, case, timezone.now() + timedelta(days=3), "The officer called.")
    supplements(100)
    assert "weibo" not in drafts(case)
    assert drafts(case)


def test_a_closed_case_has_no_supplement_until_it_is_reopened(case: Case, analyst: Any) -> None:
    plan = ready(case, analyst)
    set_state(case, CaseState.CLOSED, analyst.actor)
    with pytest.raises(NotAllowed, match="reopen it first"):
        supplement.take_up(plan, analyst)
    supplements(100)
    assert drafts(case) == {}
    set_state(case, CaseState.REOPENED, analyst.actor)
    supplements(100)
    assert drafts(case)["weibo"] == ["uid:6660077002"]


# --- the step ------------------------------------------------------------------------------------------------


def test_a_second_look_changes_nothing_and_finds_nothing_to_do(case: Case, analyst: Any) -> None:
    ready(case, analyst)
    before = drafts(case), CaseEvent.objects.count(), AuditRow.objects.count(), Dispatch.objects.count()
    assert supplements(100) == 0
    SupplementLook.objects.update(events_seen=0)
    steps.start_over()  # what this process followed: else it would not look at all
    supplements(100)
    after = drafts(case), CaseEvent.objects.count(), AuditRow.objects.count(), Dispatch.objects.count()
    assert after == before


def test_a_case_that_was_never_dispatched_gets_no_supplement(directory: None, analyst: Any) -> None:
    case = suspect_case(analyst)
    (row,) = add_tip(case, NEW_WEIBO)
    mark(case, row, analyst)
    assert supplements(100) == 0
    assert drafts(case) == {}


def test_the_drafting_of_software_for_the_whole_case_and_a_supplement_do_not_meet(
    case: Case, analyst: Any
) -> None:
    whole = planning.draft(case)
    plan = ready(case, analyst)
    assert planning.draft(case) == whole != plan


def test_looking_again_costs_the_same_however_many_identifiers_are_new(case: Case, analyst: Any) -> None:
    def asked() -> int:
        SupplementLook.objects.update(events_seen=0)
        steps.start_over()
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            supplements(100)
        return len(queries_made)

    ready(case, analyst)
    few = asked()
    rows = add_tip(case, *[("account", "weibo", f"uid:66600790{n:02d}", "strong") for n in range(20)])
    for row in rows:
        mark(case, row, analyst)
    supplements(100)
    assert len(drafts(case)["weibo"]) == 21
    assert asked() == few


def test_the_worker_has_nothing_to_ask_where_nothing_happened(case: Case) -> None:
    supplements(100)
    with CaptureQueriesContext(connection) as made:
        assert supplements(100) == 0
    assert len(made) <= 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_draft_one_supplement(directory: None, analyst: Any, reviewer: Any) -> None:
    case = dispatched(analyst, reviewer)
    for row in add_tip(case, NEW_WEIBO, NEW_X):
        mark(case, row, analyst)
    broken: list[BaseException] = []

    def run() -> None:
        try:
            supplements(100)
        except BaseException as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken == []
    assert Plan.objects.filter(case=case, supplement_to__isnull=False).count() == 1
    assert drafts(case)["weibo"] == ["uid:6660077002"]
    assert drafts(case)["x"] == ["binghua_two"]
    assert CaseEvent.objects.filter(case=case, kind="supplement_drafted").count() == 1


# --- the page ------------------------------------------------------------------------------------------------


def test_the_panel_shows_the_draft_and_its_button_proposes_it(
    case: Case, analyst: Any, analyst_client: Any
) -> None:
    plan = ready(case, analyst)
    page = analyst_client.get(reverse("dispatch:supplement_panel", args=[case.number])).content.decode()
    assert "uid:6660077002" in page
    assert "Supplement to T-" in page
    row = to(plan, "weibo")
    answer = analyst_client.post(
        reverse("dispatch:supplement", args=[plan.public_id]), {"dispatch": row.public_id}
    )
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.state == "proposed"
    assert sealing.open_bytes(row.content_sealed)


def test_the_panels_button_discards_it(case: Case, analyst: Any, analyst_client: Any) -> None:
    plan = ready(case, analyst)
    analyst_client.post(reverse("dispatch:supplement", args=[plan.public_id]), {"discard": "yes"})
    assert supplement.of_case(case) is None
    assert set(plan.dispatches.values_list("state", flat=True)) == {"rejected"}


def test_the_page_of_a_case_without_news_says_so(case: Case, analyst_client: Any) -> None:
    page = analyst_client.get(reverse("dispatch:supplement_panel", args=[case.number])).content.decode()
    assert "Nothing new since the case was dispatched." in page
