"""Cases live on: a closed one is proposed for reopening, what was gone comes back, a number is asked for in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from read_tips import DAY_ONE, walk

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cases import (
    account_numbers,
    alarms,
    changes,
    findings,
    flags,
    living_lines,
    merge,
    queries,
    roles,
    wanted,
)
from tocsin.cases.models import Alarm, Case, CaseEvent, CaseState, Flag, Lane, Observation
from tocsin.cases.numbers import gate
from tocsin.cases.states import set_state
from tocsin.directory.models import Recipient
from tocsin.dispatch.models import Dispatch, DispatchItem, Plan
from tocsin.dispatch.plan import new_reference
from tocsin.identifiers.models import Identifier
from tocsin.lib.writing import write
from tocsin.review.assess import assess

pytestmark = pytest.mark.django_db

UID = ("account", "weibo", "uid:6660077001", "strong")
NAME = ("account", "weibo", "name:陶艺", "handle")
NEW_NAME = ("account", "weibo", "name:窑火", "handle")
OTHER = ("account", "x", "glaze_two", "handle")
OLD = ("account", "x", "glaze_one", "handle")
PAYMENT = ("payment", "alipay", "glaze@pay.example.com", "strong")
Triple = tuple[str, str, str, str]


def send(*triples: Triple, day: float = 0, danger: str = "", role: str = "unknown") -> Any:
    """A tip as the step `tips.read` leaves it, naming these; walked into its case."""
    from tocsin.identifiers.catalogue_in_use import data_version
    from tocsin.identifiers.extract import Found
    from tocsin.identifiers.store import key_for, store
    from tocsin.lib import sealing
    from tocsin.lib.ids import public_id
    from tocsin.tips.models import Mention, Reading, Tip

    at = DAY_ONE + timedelta(days=day)
    tip = Tip.objects.create(
        source="web", mailbox_tag=public_id() + public_id(), mailbox_key=bytes(32), danger=danger,
        narrative_sealed=sealing.seal(f"Two vases on a square, {public_id()}."), received_at=at,
        recorded_at=datetime.now(UTC),
    )  # fmt: skip
    Reading.objects.create(tip=tip, data_version=data_version(), found=len(triples), at=at)
    for kind, platform, canonical, strength in triples:
        found = Found(kind, platform, canonical, strength, canonical, 0, 1, None, False, "test")
        there = Identifier.objects.filter(key=key_for(found)).exists()
        row = store([found])[key_for(found)]
        if not there:
            Identifier.objects.filter(pk=row.pk).update(first_seen_at=at)
        Mention.objects.create(
            tip=tip, identifier=row, strength=strength, data_version=data_version(), rule="test", start=0, end=1,
            role=role,
        )  # fmt: skip
    return tip


def case_of(tip: Any) -> Case:
    walk()
    return Case.objects.get(case_tips__tip=tip)


def row_of(triple: Triple) -> Identifier:
    return Identifier.objects.get(kind=triple[0], platform=triple[1], canonical=triple[2])


def gone(
    case: Case, *triples: Triple, day: float, key: str = "weibo", answer: str = "suspended"
) -> list[str]:
    """Its recipient said that these are gone, on that day; returns the items."""
    at = DAY_ONE + timedelta(days=day)
    plan = Plan.objects.create(case=case, order="together", made_at=at)
    dispatch = Dispatch.objects.create(
        plan=plan, case=case, kind="notice", recipient=Recipient.objects.get(key=key),
        reference=new_reference(), sent_at=at - timedelta(hours=1),
    )  # fmt: skip
    return [
        DispatchItem.objects.create(
            dispatch=dispatch, identifier=row_of(triple), answer=answer, answered_at=at
        ).public_id
        for triple in triples
    ]


def waiting(case: Case, kind: str) -> list[Flag]:
    return [flag for flag in flags.of_case(case) if flag.kind == kind]


def close(case: Case, user: Any) -> None:
    set_state(case, CaseState.CLOSED, user.actor)


# --- a closed case -------------------------------------------------------------------------------------------


def test_a_tip_on_a_closed_case_proposes_reopening_and_leaves_it_closed(analyst: Any) -> None:
    case = case_of(send(UID))
    close(case, analyst)
    assert case_of(send(UID, day=1)) == case
    case.refresh_from_db()
    assert case.state == "closed"
    assert len(waiting(case, "reopen")) == 1
    assert AuditRow.objects.filter(action="case.flag", object=case.audit_name).count() == 1


def test_many_tips_on_a_closed_case_propose_once(analyst: Any) -> None:
    case = case_of(send(UID))
    close(case, analyst)
    for day in range(1, 4):
        case_of(send(UID, day=day))
    for day in range(4, 8):
        send(UID, day=day)
    walk()
    assert len(waiting(case, "reopen")) == 1
    assert living_lines.of_case(Case.objects.get(pk=case.pk)).new_tips.startswith("7 tips")


def test_the_queue_shows_a_closed_case_with_new_tips_and_no_other_closed_one(
    analyst: Any, analyst_client: Any
) -> None:
    quiet, woken = case_of(send(UID)), case_of(send(OTHER))
    close(quiet, analyst)
    close(woken, analyst)
    case_of(send(OTHER, day=1))
    assert list(queries.queue(analyst)) == [woken]
    page = analyst_client.get(reverse("cases:queue")).content.decode()
    assert "closed, new tips" in page
    assert quiet.number not in page
    assert set(queries.queue(analyst, state="closed")) == {quiet, woken}


def test_reopening_answers_the_proposal(analyst: Any, analyst_client: Any) -> None:
    case = case_of(send(UID))
    close(case, analyst)
    case_of(send(UID, day=1))
    analyst_client.post(reverse("cases:state", args=[case.number]), {"state": "reopened"})
    case.refresh_from_db()
    assert case.state == "reopened"
    flag = Flag.objects.get(case=case, kind="reopen")
    assert (flag.settled_by, flag.settled_how) == (analyst, "done")
    assert not queries.queue(analyst).get(pk=case.pk).new_tips


def test_a_case_that_a_person_leaves_closed_is_proposed_again_by_the_next_tip(
    analyst: Any, analyst_client: Any
) -> None:
    case = case_of(send(UID))
    close(case, analyst)
    case_of(send(UID, day=1))
    (flag,) = waiting(case, "reopen")
    url = reverse("cases:answer", args=[case.number])
    analyst_client.post(url, {"flag": flag.public_id, "how": "dismissed"})
    assert list(queries.queue(analyst)) == []
    case_of(send(UID, day=2))
    assert list(queries.queue(analyst)) == [case]
    assert Flag.objects.filter(case=case, kind="reopen").count() == 2


def test_an_urgent_tip_raises_the_lane_of_a_closed_case(analyst: Any) -> None:
    case = case_of(send(UID))
    close(case, analyst)
    case_of(send(UID, day=1, danger="yes"))
    case.refresh_from_db()
    assert (case.lane, case.state) == (Lane.IMMEDIATE, "closed")
    assert list(queries.queue(analyst)) == [case]


def test_an_urgent_tip_on_a_closed_case_calls_somebody(analyst: Any) -> None:
    case = case_of(send(UID))
    close(case, analyst)
    case_of(send(UID, day=1, danger="yes"))
    alarms.work(100)
    assert Alarm.objects.filter(case=case, over_at__isnull=True).count() == 1
    alarms.work(100)
    assert Alarm.objects.filter(case=case, over_at__isnull=True).count() == 1, "it goes on, and once"
    (flag,) = waiting(case, "reopen")
    flags.settle(flag.public_id, analyst, "dismissed")
    alarms.work(100)
    assert not Alarm.objects.filter(case=case, over_at__isnull=True).exists()


def test_who_was_called_about_a_closed_case_is_not_called_again_when_it_is_reopened(
    analyst: Any, reviewer: Any
) -> None:
    case = case_of(send(UID))
    close(case, analyst)
    case_of(send(UID, day=1, danger="yes"))
    alarms.work(100)
    alarms.take(Case.objects.get(pk=case.pk), analyst)
    set_state(case, CaseState.REOPENED, analyst.actor)
    alarms.work(100)
    assert Alarm.objects.filter(case=case).count() == 1


# --- back again ----------------------------------------------------------------------------------------------


@pytest.fixture
def suspended(directory: None) -> Case:
    """An account with its number and its payment was reported; on day 10 it was gone."""
    case = case_of(send(UID, NAME, PAYMENT))
    gone(case, UID, day=10)
    return case


def test_a_new_name_with_the_number_of_a_gone_account_is_back_again(suspended: Case) -> None:
    case = case_of(send(UID, NEW_NAME, day=12))
    (flag,) = waiting(case, "back_again")
    assert flag.about == row_of(NEW_NAME).public_id
    assert (flag.facts["how"], flag.facts["by"]) == ("number", row_of(UID).public_id)
    (back,) = living_lines.of_case(case).back
    assert "name:窑火 is back again: it has the number" in back.sentence
    (line,) = back.history
    assert suspended.number in line
    assert Recipient.objects.get(key="weibo").name in line
    assert "account suspended" in line


def test_the_history_says_when_it_was_told_and_when_it_was_gone(suspended: Case, analyst_client: Any) -> None:
    case_of(send(UID, NEW_NAME, day=12))
    page = analyst_client.get(reverse("cases:living_panel", args=[suspended.number])).content.decode()
    assert "2026-03-11" in page or "03/11/2026" in page
    assert "It is back" in page


def test_a_number_that_is_named_again_is_asked_about_once(suspended: Case) -> None:
    for day in (12, 13, 14):
        case_of(send(UID, day=day))
    (flag,) = waiting(suspended, "back_again")
    assert flag.facts["how"] == "same"


def test_what_a_person_answered_is_not_asked_again(suspended: Case, analyst: Any) -> None:
    case_of(send(UID, day=12))
    (flag,) = waiting(suspended, "back_again")
    flags.settle(flag.public_id, analyst, "dismissed")
    case_of(send(UID, day=13))
    assert waiting(suspended, "back_again") == []


def test_what_is_gone_a_second_time_is_asked_about_again(suspended: Case, analyst: Any) -> None:
    case_of(send(UID, day=12))
    (flag,) = waiting(suspended, "back_again")
    flags.settle(flag.public_id, analyst, "done")
    gone(suspended, UID, day=20)
    case_of(send(UID, day=25))
    assert len(waiting(suspended, "back_again")) == 1


def test_a_tip_from_before_it_was_gone_says_nothing(suspended: Case) -> None:
    case_of(send(UID, NEW_NAME, day=9))
    assert waiting(suspended, "back_again") == []


def test_what_its_provider_refused_to_remove_is_not_back(directory: None) -> None:
    case = case_of(send(UID))
    gone(case, UID, day=10, answer="refused")
    case_of(send(UID, NEW_NAME, day=12))
    assert waiting(case, "back_again") == []


def test_a_new_account_with_the_payment_of_a_gone_one_is_back_again(suspended: Case) -> None:
    case = case_of(send(OTHER, PAYMENT, day=12))
    (flag,) = waiting(case, "back_again")
    assert (flag.about, flag.facts["how"]) == (row_of(OTHER).public_id, "payment")


def test_a_payment_alone_is_no_new_account(suspended: Case) -> None:
    case_of(send(PAYMENT, day=12))
    assert waiting(suspended, "back_again") == []


def test_an_account_that_was_known_before_is_not_new(directory: None) -> None:
    case = case_of(send(UID, PAYMENT, OTHER))
    gone(case, UID, day=10)
    case_of(send(OTHER, PAYMENT, day=12))
    assert waiting(case, "back_again") == []


def test_a_number_beside_the_gone_name_leads_back_to_it(directory: None) -> None:
    case = case_of(send(UID, NAME))
    gone(case, NAME, day=10)
    case_of(send(UID, NEW_NAME, day=12))
    (flag,) = waiting(case, "back_again")
    assert flag.about == row_of(NEW_NAME).public_id


def test_a_number_that_a_person_wrote_down_leads_back_to_the_gone_name(directory: None, analyst: Any) -> None:
    case = case_of(send(NAME))
    roles.set_role(case, row_of(NAME).public_id, "reported", analyst)
    account_numbers.write_number(case, analyst, row_of(NAME).public_id, "6660077001")
    Identifier.objects.filter(canonical=UID[2]).update(first_seen_at=DAY_ONE)
    gone(case, NAME, day=10)
    case_of(send(UID, NEW_NAME, day=12))
    (flag,) = waiting(case, "back_again")
    assert flag.facts["how"] == "number"


def test_an_owner_that_a_person_confirmed_leads_back_and_one_that_a_tip_claims_does_not(
    directory: None, analyst: Any
) -> None:
    case = case_of(send(OLD, PAYMENT))
    gone(case, OLD, day=10, key="x")
    tip = send(OTHER, PAYMENT, day=9)
    case_of(tip)
    Identifier.objects.filter(canonical=OTHER[2]).update(first_seen_at=DAY_ONE + timedelta(days=11))
    fields = {"identifier": row_of(OTHER), "owner": row_of(OLD), "kind": "owner"}
    times = {"observed_at": timezone.now(), "recorded_at": timezone.now()}
    said = Observation.objects.create(**fields, **times, grade="said", tip=tip)
    case_of(send(OTHER, day=12))
    assert waiting(case, "back_again") == []
    said.delete()
    Observation.objects.create(**fields, **times, case=case, grade="seen", by=analyst)
    case_of(send(OTHER, day=13))
    (flag,) = waiting(case, "back_again")
    assert (flag.about, flag.facts["how"]) == (row_of(OTHER).public_id, "confirmed")


def test_a_finding_by_a_person_is_looked_at_too(suspended: Case, analyst: Any) -> None:
    other = case_of(send(OTHER, day=12))
    findings.add(other, analyst, "weibo: uid:6660077001")
    (flag,) = waiting(other, "back_again")
    assert flag.about == row_of(UID).public_id
    (back,) = living_lines.of_case(other).back
    assert suspended.number in back.history[0], "the history of another case"


def test_what_is_a_reporters_or_a_bystanders_says_nothing(suspended: Case) -> None:
    send(UID, NEW_NAME, day=12, role="bystander")
    walk()
    assert not Flag.objects.filter(kind="back_again").exists()


def test_a_flag_holds_public_ids_and_codes_only(suspended: Case) -> None:
    case_of(send(UID, NEW_NAME, day=12))
    (flag,) = waiting(suspended, "back_again")
    stored = f"{flag.about} {flag.facts}"
    assert not any(word in stored for word in ("窑火", "6660077001", suspended.number))


def test_placing_asks_the_same_number_of_questions_however_many_tips_are_late(suspended: Case) -> None:
    from tocsin.cases import steps as cases
    from tocsin.linking import steps as linking

    days = count(30)  # each later than the last: a case whose time does not grow is not written

    def asked(tips: int) -> int:
        for _ in range(tips):
            send(UID, day=next(days))
        linking.link(500)
        with CaptureQueriesContext(connection) as made:
            cases.place(500)
        walk()
        return len(made)

    asked(2)  # raises the flag
    assert asked(20) == asked(2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_propose_once_and_flag_once(directory: None, analyst: Any) -> None:
    from tocsin.cases.place import place_tips
    from tocsin.linking import steps as linking

    case = case_of(send(UID))
    gone(case, UID, day=10)
    close(case, analyst)
    tips = [send(UID, NEW_NAME, day=12) for _ in range(4)]
    linking.link(500)
    _at_once(lambda: place_tips(tips), lambda: place_tips(tips[:2]), lambda: place_tips(tips[2:]))
    assert [flag.kind for flag in flags.of_case(case)].count("reopen") == 1
    assert len(waiting(case, "back_again")) == 1
    assert CaseEvent.objects.filter(case=case, kind="flag_raised").count() == 2


def _at_once(*works: Callable[[], object]) -> None:
    broken: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken == []


# --- numbers -------------------------------------------------------------------------------------------------


@pytest.fixture
def reported(analyst: Any) -> Case:
    """A name on a platform that gives numbers, marked as reported."""
    case = case_of(send(NAME, OTHER))
    roles.set_role(case, row_of(NAME).public_id, "reported", analyst)
    return case


def test_an_assessment_asks_for_the_number_behind_a_reported_name(reported: Case, analyst: Any) -> None:
    assert waiting(reported, "number_wanted") == []
    assess(reported, analyst, "baseline", "tips")
    (flag,) = waiting(reported, "number_wanted")
    assert flag.about == row_of(NAME).public_id


def test_what_is_not_illegal_asks_for_nothing(reported: Case, analyst: Any) -> None:
    assess(reported, analyst, "not_illegal", "tips")
    assert waiting(reported, "number_wanted") == []


def test_the_page_asks_before_anything_is_assessed(reported: Case, analyst_client: Any) -> None:
    page = analyst_client.get(reverse("cases:living_panel", args=[reported.number])).content.decode()
    assert "Write down the numeric id now" in page
    assert "name:陶艺" in page
    assert "glaze_two" not in page, "nobody marked it as reported"


def test_a_name_on_a_platform_without_numbers_is_not_asked_about(analyst: Any) -> None:
    case = case_of(send(("account", "instagram", "glaze.one", "handle")))
    roles.set_role(case, row_of(("account", "instagram", "glaze.one", "")).public_id, "reported", analyst)
    assert wanted.wanted(case) == []


def test_a_tip_that_names_both_answers_the_question(reported: Case, analyst: Any) -> None:
    assess(reported, analyst, "baseline", "tips")
    case_of(send(NAME, UID, day=1))
    assert waiting(reported, "number_wanted") == []
    assert Flag.objects.get(case=reported, kind="number_wanted").settled_how == "found"


def test_a_finding_with_the_number_answers_the_question(reported: Case, analyst: Any) -> None:
    assess(reported, analyst, "baseline", "tips")
    findings.add(reported, analyst, "weibo: uid:6660077001")
    assert waiting(reported, "number_wanted") == []


def test_one_number_for_two_names_leaves_one_question(reported: Case, analyst: Any) -> None:
    case_of(send(OTHER, NEW_NAME, day=1))
    roles.set_role(reported, row_of(NEW_NAME).public_id, "reported", analyst)
    case_of(send(NAME, UID, day=2))
    assert wanted.wanted(reported) == [row_of(NEW_NAME)]


@pytest.mark.parametrize(
    "typed", ["6660077001", "uid:6660077001", "https://weibo.com/u/6660077001", " 6660077001 "]
)
def test_a_person_writes_the_number_down(reported: Case, analyst: Any, typed: str) -> None:
    assess(reported, analyst, "baseline", "tips")
    row = account_numbers.write_number(reported, analyst, row_of(NAME).public_id, typed)
    assert row.canonical == "uid:6660077001"
    assert wanted.wanted(reported) == []
    flag = Flag.objects.get(case=reported, kind="number_wanted")
    assert (flag.settled_by, flag.settled_how, flag.facts["number"]) == (analyst, "written", row.public_id)
    assert row.pk in {one.pk for one, _user in queries.reported(reported)}


@pytest.mark.parametrize("typed", ["", "kiln", "https://x.com/i/user/1234567", "weibo.com/n/kiln"])
def test_what_is_no_number_there_is_refused_with_a_sentence(reported: Case, analyst: Any, typed: str) -> None:
    with pytest.raises(NotAllowed, match="no number"):
        account_numbers.write_number(reported, analyst, row_of(NAME).public_id, typed)
    assert not reported.findings.exists()


def test_a_name_that_is_not_reported_takes_no_number(reported: Case, analyst: Any) -> None:
    with pytest.raises(NotAllowed, match="not marked as reported"):
        account_numbers.write_number(reported, analyst, row_of(OTHER).public_id, "1234567")


def test_a_number_that_cannot_be_read_is_not_asked_for_again(reported: Case, analyst_client: Any) -> None:
    url = reverse("cases:account_number", args=[reported.number])
    analyst_client.post(url, {"about": row_of(NAME).public_id, "unreadable": "yes"})
    assert wanted.wanted(reported) == []
    with write():
        assert wanted.ask(reported) == 0


def test_the_form_writes_the_number_down(reported: Case, analyst_client: Any) -> None:
    url = reverse("cases:account_number", args=[reported.number])
    analyst_client.post(url, {"about": row_of(NAME).public_id, "number": "6660077001"})
    assert reported.findings.get().identifier == row_of(UID)


def test_asking_twice_asks_once(reported: Case) -> None:
    with write():
        assert wanted.ask(reported) == 1
        assert wanted.ask(reported) == 0
    assert len(waiting(reported, "number_wanted")) == 1


def test_a_name_that_is_no_longer_reported_is_not_asked_about(reported: Case, analyst: Any) -> None:
    assess(reported, analyst, "baseline", "tips")
    roles.set_role(reported, row_of(NAME).public_id, "bystander", analyst)
    case_of(send(OTHER, day=1))
    assert waiting(reported, "number_wanted") == []


def test_the_panel_costs_the_same_however_much_waits(reported: Case, analyst: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            living_lines.of_case(reported)
        return len(made)

    few = asked()
    names = [("account", "weibo", f"name:窑{n}号", "handle") for n in range(12)]
    case_of(send(NAME, *names, day=1))
    for name in names:
        roles.set_role(reported, row_of(name).public_id, "reported", analyst)
    assert len(living_lines.of_case(reported).numbers) == 13
    assert asked() == few


# --- merges --------------------------------------------------------------------------------------------------


def test_what_a_case_asks_goes_with_it_when_it_merges_and_comes_back(reported: Case, analyst: Any) -> None:
    heir = case_of(send(("site", "web", "kiln.example.com", "strong")))
    with write():
        wanted.ask(reported)
        flags.raise_flag(reported, "burst")
        flags.raise_flag(heir, "burst")
    with write():
        gate()
        change = merge.merge(heir, reported, analyst.actor)
    assert sorted(flag.kind for flag in flags.of_case(heir)) == ["burst", "number_wanted"]
    changes.undo(change.public_id, analyst)
    assert sorted(flag.kind for flag in flags.of_case(reported)) == ["burst", "number_wanted"]
    assert [flag.kind for flag in flags.of_case(heir)] == ["burst"]
