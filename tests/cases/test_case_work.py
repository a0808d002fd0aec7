"""What people do on a case: roles, findings, notes, subject, states; and what the page is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from read_tips import read_tip, walk

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases import events, findings, notes, opening, queries, roles, states, subject
from tocsin.cases.models import Case, CaseState, CaseTip
from tocsin.identifiers.models import Bystander, Identifier, key_of
from tocsin.identifiers.roles import MentionRole
from tocsin.linking.models import Link
from tocsin.tips.models import Mention, TipState

pytestmark = pytest.mark.django_db


def case_of(tip: Any) -> Case:
    walk()
    return CaseTip.objects.get(tip=tip).case


def only(case: Case, shown: str) -> Any:
    (found,) = [one for one in queries.identifiers_of(case) if shown in (one.shown, one.public_id)]
    return found


def test_a_role_counts_for_every_tip_of_the_case_and_says_who_set_it(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    read_tip("strong:vase"), walk()
    roles.set_role(case, only(case, "strong:vase").public_id, "reported", analyst)
    row = only(case, "strong:vase")
    assert (row.role, row.role_by, row.tips, row.confirmed_by) == ("reported", "person", 2, analyst)
    assert [(one.canonical, user) for one, user in queries.reported(case)] == [("strong:vase", analyst)]


def test_a_childs_identifier_is_sealed_joins_nothing_and_comes_back(analyst: User) -> None:
    case = case_of(read_tip("strong:vase", "strong:jar"))
    second = read_tip("strong:vase", "strong:jar")
    walk()
    roles.set_role(case, only(case, "strong:vase").public_id, MentionRole.CHILD, analyst)
    assert not Identifier.objects.filter(canonical="strong:vase").exists()
    assert not Link.objects.filter(identifier__canonical="strong:vase").exists()
    hidden = only(case, "sealed")
    assert (hidden.sealed, hidden.copy, hidden.identifier, hidden.tips) == (True, "", None, 2)
    assert "strong:vase" not in str(queries.tips_of(case)[1].why)
    other = read_tip("strong:vase")
    walk()
    assert other.case_tip.case != case
    roles.set_role(case, hidden.public_id, "unknown", analyst)
    assert only(case, "strong:vase").tips == 2
    assert Link.objects.get(tip=second, identifier__canonical="strong:vase").joins


def test_a_bystander_by_role_stops_joining(analyst: User) -> None:
    case = case_of(read_tip("strong:vase", "strong:jar"))
    roles.set_role(case, only(case, "strong:vase").public_id, "bystander", analyst)
    link = Link.objects.get(identifier__canonical="strong:vase")
    assert (link.joins, link.rule) == (False, "role")


def test_a_role_of_what_another_case_names_is_refused(analyst: User) -> None:
    case, other = case_of(read_tip("strong:vase")), case_of(read_tip("strong:jar"))
    with pytest.raises(NotAllowed):
        roles.set_role(case, only(other, "strong:jar").public_id, "reported", analyst)


def test_what_is_reported_leaves_out_the_bystander_list(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    roles.set_role(case, only(case, "strong:vase").public_id, "reported", analyst)
    names = {"kind": "account", "platform": "test", "canonical": "strong:vase"}
    Bystander.objects.create(
        key=key_of(*names.values()),
        **names,
        label="A museum",
        why="news",
        source="invented",
        source_date="2026-01-01",
        added_at=case.opened_at,
    )
    assert queries.reported(case) == []


def test_a_finding_is_reported_by_page_and_never_its_whole_site(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    findings.add(case, analyst, "https://pottery.example.com/kiln?page=2", "Seen on a list.", "reported")
    assert {(one.kind, one.canonical) for one, _user in queries.reported(case)} == {
        ("url", "pottery.example.com/kiln?page=2")
    }
    assert only(case, "pottery[.]example[.]com").role == "unknown"
    case.refresh_from_db()
    assert case.worked_on


def test_a_finding_of_a_child_is_sealed_from_its_first_row(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    findings.add(case, analyst, "weibo: clay_square", role="child")
    assert not Identifier.objects.filter(platform="weibo").exists()
    hidden = only(case, "sealed")
    assert hidden.is_finding and hidden.role == "child"
    roles.set_role(case, hidden.public_id, "reported", analyst)
    assert [one.platform for one, _user in queries.reported(case)] == ["weibo"]


@pytest.mark.parametrize("text", ["", "nothing to see", "weibo: clay_square"])
def test_a_finding_that_names_nothing_or_is_there_is_refused_with_a_sentence(
    analyst: User, text: str
) -> None:
    case = case_of(read_tip("strong:vase"))
    findings.add(case, analyst, "weibo: clay_square")
    with pytest.raises(NotAllowed) as refusal:
        findings.add(case, analyst, text)
    assert str(refusal.value).endswith(".") or "table" in str(refusal.value)


def test_the_first_look_opens_case_and_tips_and_is_recorded_once(analyst: User, reviewer: User) -> None:
    tip = read_tip("strong:vase")
    case = case_of(tip)
    assert opening.seen(case, analyst)
    case.refresh_from_db()
    assert not opening.seen(case, reviewer)
    tip.refresh_from_db()
    assert (case.seen_by, tip.state) == (analyst, TipState.OPENED)
    assert AuditRow.objects.filter(action="case.seen").count() == 1


def test_the_subject_is_sealed_and_a_known_city_brings_its_country(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    found = subject.set_subject(case, analyst, "Potter of the square", "harbin")
    assert found and (found.name, found.city, found.country) == ("Potter of the square", "harbin", "CN")
    case.refresh_from_db()
    assert b"Potter" not in bytes(case.subject_sealed or b"") and case.worked_on
    assert subject.set_subject(case, analyst, "", "", "") is None


def test_states_follow_one_another(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    states.set_state(case, CaseState.ASSESSED, analyst.actor)
    states.set_state(case, CaseState.HELD, "worker")
    with pytest.raises(NotAllowed):
        states.set_state(case, CaseState.CLOSED, analyst.actor)
    states.set_state(case, CaseState.ASSESSED, "worker")
    states.set_state(case, CaseState.CLOSED, analyst.actor)
    with pytest.raises(NotAllowed):
        states.set_state(case, CaseState.ASSESSED, analyst.actor)
    states.set_state(case, CaseState.REOPENED, analyst.actor)


def test_an_event_that_no_sentence_tells_is_a_mistake() -> None:
    with pytest.raises(events.UnknownKind):
        events.add(case_of(read_tip("strong:vase")), "sang", "worker")


def test_the_timeline_tells_it_in_words_with_names(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    notes.add(case, analyst, "A note.")
    told = [(line.sentence, line.actor) for line in queries.timeline(case)]
    assert told == [("A note was written", "ada"), (f"Case {case.number} opened with 1 tip", "Tocsin")]


def test_an_old_number_leads_to_the_case_that_lives_on(analyst: User) -> None:
    old = [case_of(read_tip(name)) for name in ("strong:a", "strong:b", "strong:c")]
    heir = case_of(read_tip("strong:b", "strong:c"))
    heir = case_of(read_tip("strong:a", "strong:b"))
    assert {queries.case_for(analyst, case.number) for case in old} == {heir}
    with pytest.raises(Http404):
        queries.case_for(analyst, "2026-999999")


def test_an_administrator_reads_no_case(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    analyst.role = "administrator"
    with pytest.raises(Http404):
        queries.case_for(analyst, case.number)
    assert not queries.queue(analyst).exists() and not queries.loose(analyst).exists()


def test_the_queue_shows_danger_first_and_finds_by_number_and_identifier(analyst: User) -> None:
    calm, urgent = case_of(read_tip("strong:vase", day=2)), case_of(read_tip("strong:jar", danger="yes"))
    findings.add(calm, analyst, "weibo: clay_square")
    assert list(queries.queue(analyst)) == [urgent, calm]
    assert [case.tips_count for case in queries.queue(analyst)] == [1, 1]
    assert list(queries.queue(analyst, q=calm.number)) == [calm]
    assert list(queries.queue(analyst, q="weibo: clay_square")) == [calm]
    assert list(queries.queue(analyst, q="weibo: nobody")) == []
    assert list(queries.queue(analyst, lane="immediate")) == [urgent]
    states.set_state(calm, CaseState.CLOSED, analyst.actor)
    assert list(queries.queue(analyst)) == [urgent]
    assert list(queries.queue(analyst, state="closed")) == [calm]


def test_a_case_page_takes_as_many_queries_for_many_tips_as_for_few() -> None:
    counts = []
    for size in (2, 30):
        tips = [read_tip(f"strong:{size}", f"weak:{size}-{n}") for n in range(size)]
        case = case_of(tips[0])
        assert case.case_tips.count() == size
        with CaptureQueriesContext(connection) as seen:
            queries.identifiers_of(case), queries.tips_of(case), queries.timeline(case)
            queries.reported(case), queries.proposed_cities(case), queries.observations_of(case)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 20


def test_disagreeing_proposals_are_unknown_and_a_person_outweighs_them(analyst: User) -> None:
    case = case_of(read_tip("strong:vase"))
    Mention.objects.filter(tip=read_tip("strong:vase")).update(role="bystander")
    late = read_tip("strong:vase", "strong:jar")
    assert case_of(late) == case
    CaseTip.objects.get_or_create(
        tip=Mention.objects.get(role="bystander").tip, defaults={"case": case, "at": case.opened_at}
    )
    assert only(case, "strong:vase").role == "unknown"
    roles.set_role(case, only(case, "strong:vase").public_id, "reported", analyst)
    assert only(case, "strong:vase").role == "reported"
