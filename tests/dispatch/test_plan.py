"""Who is told of what, and why; and what can never be an item."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from plan_rows import NARRATIVE, SUSPECT, assess, identifier, mention, open_case, proposed, suspect_case, to

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cases.models import Case
from tocsin.directory.models import Recipient, Route
from tocsin.dispatch import plan as planning
from tocsin.dispatch import queries
from tocsin.dispatch.models import Dispatch, DispatchItem
from tocsin.lib import sealing
from tocsin.tips.models import Mention


def by_recipient(lines: list[planning.Line]) -> dict[str, list[str]]:
    return {
        line.recipient.key if line.recipient else "": sorted(row.canonical for row in line.identifiers)
        for line in lines
    }


def subject(case: Case, **fields: str) -> None:
    case.subject_sealed = sealing.seal_json({"name": "N.", **fields})
    case.save(update_fields=["subject_sealed"])


@pytest.fixture
def case(directory: None, analyst: Any) -> Case:
    return suspect_case(analyst)


def test_each_desk_hears_of_its_own_and_police_of_all(case: Case) -> None:
    found = by_recipient(planning.suggest(case))
    assert found == {
        "police-harbin": sorted(triple[2] for triple in SUSPECT),
        "weibo": ["uid:6660077001"],
        "x": ["binghua_studio"],
        "hosting-home": ["binghua.example.com"],
    }


def test_every_line_says_why(case: Case) -> None:
    reasons = {line.recipient.key: line.reason for line in planning.suggest(case) if line.recipient}
    assert reasons["police-harbin"] == "1 tip names Harbin."
    assert "Weibo" in reasons["weibo"]
    assert "example[.]com" in reasons["hosting-home"]


def test_the_subjects_city_comes_before_what_tips_name(case: Case) -> None:
    subject(case, city="zhengzhou")
    (line,) = [line for line in planning.suggest(case) if line.kind == "referral"]
    assert line.recipient and line.recipient.key == "police-zhengzhou"
    assert line.reason == "The subject is in Zhengzhou."


def test_a_city_that_the_analyst_chose_comes_before_all(case: Case) -> None:
    subject(case, city="zhengzhou")
    (line,) = [line for line in planning.suggest(case, city="harbin") if line.kind == "referral"]
    assert line.recipient and line.recipient.key == "police-harbin"


def test_a_country_without_a_known_city_gives_the_countrys_police(case: Case) -> None:
    subject(case, city="", country="FR")
    (line,) = [line for line in planning.suggest(case) if line.kind == "referral"]
    assert line.recipient and line.recipient.key == "police-fr"


def test_without_any_place_a_person_must_choose(directory: None, analyst: Any) -> None:
    case = open_case(cities=())
    mention(case, SUSPECT[0], "reported", analyst)
    home, line = [line for line in planning.suggest(case) if line.kind == "referral"]
    assert line.recipient is None
    assert "choose" in line.reason
    assert home.recipient and home.recipient.key == "police-home"
    assert not (line.preset or home.preset)


def test_a_child_in_danger_is_told_to_home_police_where_no_place_is_known(
    directory: None, analyst: Any
) -> None:
    case = open_case(cities=(), lane="immediate")
    mention(case, SUSPECT[0], "reported", analyst)
    assert [line.preset for line in planning.suggest(case) if line.kind == "referral"] == [True, False]
    assert to(planning.draft(case), "police-home").kind == "referral"


def test_only_the_most_named_city_is_ticked_beforehand(directory: None, analyst: Any) -> None:
    case = open_case(cities=("harbin", "zhengzhou"))
    mention(case, SUSPECT[0], "reported", analyst)
    referrals = [line for line in planning.suggest(case) if line.kind == "referral"]
    assert [line.preset for line in referrals] == [True, False]


def test_what_nobody_answers_for_is_listed_as_such(case: Case, analyst: Any) -> None:
    mention(case, ("phone", "phone", "+33639980123", "strong"), "reported", analyst)
    (line,) = [line for line in planning.suggest(case) if line.recipient is None]
    assert [row.canonical for row in line.identifiers] == ["+33639980123"]
    assert line.reason == "No recipient is known."


def test_nothing_reported_gives_no_line(directory: None) -> None:
    case = open_case()
    mention(case, SUSPECT[0])
    assert planning.suggest(case) == []


def test_hubs_bystanders_children_and_reporters_are_never_offered_even_if_marked(
    case: Case, analyst: Any
) -> None:
    from datetime import date

    from django.utils import timezone

    from tocsin.identifiers.models import Bystander, key_of

    mention(case, ("site", "web", "weibo.com", "hub"), "reported", analyst)
    mention(case, ("account", "weibo", "uid:6660000770", "strong"), "reported", analyst)
    Bystander.objects.create(
        key=key_of("account", "weibo", "uid:6660000770"), kind="account", platform="weibo",
        canonical="uid:6660000770", label="a campaigner", why="campaigner", source="test",
        source_date=date(2026, 11, 1), added_at=timezone.now(),
    )  # fmt: skip
    for drafting in (planning.suggest, planning.suggest_draft):
        told = {row.canonical for line in drafting(case) for row in line.identifiers}
        assert told == {triple[2] for triple in SUSPECT}


def test_a_persons_word_that_it_is_a_childs_wins_over_another_tip(case: Case, analyst: Any) -> None:
    mention(case, (*SUSPECT[1][:3], "handle"), "child", analyst)
    assert SUSPECT[1][2] not in {row.canonical for line in planning.suggest(case) for row in line.identifiers}


def test_a_suspect_cannot_protect_an_account_by_calling_it_his_own_in_a_tip(case: Case) -> None:
    mention(case, (*SUSPECT[1][:3], "handle"), "reporter")  # software proposed it
    (line,) = [line for line in planning.suggest(case) if line.recipient and line.recipient.key == "x"]
    assert "Careful" in line.reason
    assert not line.preset
    drafted = {row.canonical for line in planning.suggest_draft(case) for row in line.identifiers}
    assert SUSPECT[1][2] not in drafted


# --- making and proposing ------------------------------------------------------------------------------------


def test_a_plan_copies_who_confirmed_each_item(case: Case, analyst: Any) -> None:
    plan = planning.make(case, analyst, "police_first", planning.suggest(case))
    items = DispatchItem.objects.filter(dispatch__plan=plan)
    assert {(item.role, item.role_confirmed_by_id) for item in items} == {("reported", analyst.pk)}
    assert case.events.filter(kind="plan_made").count() == 1


def test_a_reference_is_the_recipients_own_and_tells_nothing(case: Case, analyst: Any) -> None:
    plan = planning.make(case, analyst, "police_first", planning.suggest(case))
    references = list(plan.dispatches.values_list("reference", flat=True))
    assert len(set(references)) == 4
    assert all(len(reference) == 10 and reference.startswith("T-") for reference in references)
    assert not any(case.number[5:] in reference for reference in references)


def test_only_reported_identifiers_can_be_planned_by_a_person(case: Case, analyst: Any) -> None:
    other = mention(case, ("account", "weibo", "uid:6660055002", "strong"))
    weibo = Recipient.objects.get(key="weibo")
    with pytest.raises(NotAllowed, match="marked as reported"):
        planning.make(case, analyst, "together", [planning.Line(weibo, "notice", [other], "")])


def test_police_first_needs_police_in_the_plan(case: Case, analyst: Any) -> None:
    notices = [line for line in planning.suggest(case) if line.kind == "notice"]
    with pytest.raises(NotAllowed, match="needs a referral"):
        planning.make(case, analyst, "police_first", notices)
    assert planning.make(case, analyst, "together", notices).dispatches.count() == 3


def test_nothing_ticked_is_said_kindly(case: Case, analyst: Any) -> None:
    with pytest.raises(NotAllowed, match="Nothing is ticked"):
        planning.make(case, analyst, "together", [])


def test_proposing_makes_exact_bytes_a_link_and_an_event(case: Case, analyst: Any) -> None:
    plan = proposed(case, analyst)
    case.refresh_from_db()
    assert case.worked_on
    for dispatch in plan.dispatches.all():
        link = sealing.unseal_json(dispatch.link_sealed)
        assert dispatch.state == "proposed"
        assert dispatch.content_digest() == dispatch.digest
        assert link["token"] in link["path"]
        assert f"http://localhost:8000{link['path']}" in queries.render.read(dispatch.content()).text
    assert case.events.filter(kind="dispatch_proposed").count() == 4
    assert AuditRow.objects.filter(action="dispatch.proposed").count() == 4


def test_what_leaves_holds_no_word_of_the_narrative_and_no_protected_person(case: Case, analyst: Any) -> None:
    plan = proposed(case, analyst)
    for dispatch in plan.dispatches.all():
        letter = queries.render.read(dispatch.content())
        told = " ".join([letter.text, *(text for _name, text in letter.parts), str(letter.headers)])
        words = NARRATIVE.split()
        for start in range(len(words) - 1):
            assert " ".join(words[start : start + 2]) not in told
        for secret in ("13800138000", "young.model", "ottilie", "lanternwatch", case.number, "hub.example"):
            assert secret not in told.casefold(), secret


def test_a_recipient_reads_nothing_of_the_others(case: Case, analyst: Any) -> None:
    plan = proposed(case, analyst)
    rows = list(plan.dispatches.select_related("recipient"))
    for dispatch in rows:
        letter = queries.render.read(dispatch.content())
        told = " ".join([letter.text, *(text for _name, text in letter.parts), str(letter.headers)])
        for other in rows:
            if other != dispatch:
                assert other.reference not in told
                assert other.recipient.name not in told
                if dispatch.kind == "notice" and other.kind == "notice":
                    assert not any(row.identifier.canonical in told for row in other.items.all())


def test_own_words_leave_only_where_they_were_written(case: Case, analyst: Any) -> None:
    lines = [
        planning.Line(row.recipient, row.kind, row.identifiers, row.reason, words="Kiln number four.")
        if row.kind == "referral"
        else row
        for row in planning.suggest(case)
    ]
    plan = planning.make(case, analyst, "police_first", lines)
    planning.propose(plan, analyst)
    told = {
        row.recipient.key: "Kiln number four." in queries.letter(row).text for row in plan.dispatches.all()
    }
    assert [key for key, has in told.items() if has] == ["police-harbin"]


@pytest.mark.parametrize(
    "words",
    [
        "Ask the reporter at +86 138 0013 8000.",
        "The mother is ottilie@reporter.example.org.",
        "It is about young.model.07 on that network.",
        "See our case 2026-{number}.",
        "He is also weibo.com/u/6660077001.",
    ],
)
def test_words_that_name_a_protected_person_or_others_items_are_refused(
    case: Case, analyst: Any, words: str
) -> None:
    x = [line for line in planning.suggest(case) if line.recipient and line.recipient.key == "x"]
    plan = planning.make(case, analyst, "together", x, words.format(number=case.number[5:]))
    with pytest.raises(NotAllowed, match="Your words"):
        planning.propose(plan, analyst)


def test_a_notice_needs_an_assessment_as_illegal(directory: None, analyst: Any) -> None:
    case = open_case()
    mention(case, SUSPECT[0], "reported", analyst)
    plan = planning.make(case, analyst, "police_first", planning.suggest(case))
    for verdict in ("", "undetermined", "not_illegal"):
        if verdict:
            assess(case, analyst, verdict)
        with pytest.raises(NotAllowed, match="assess"):
            planning.propose(plan.dispatches.filter(kind="notice"), analyst)
    assess(case, analyst, "national")
    assert len(planning.propose(plan, analyst)) == 2


def test_police_hear_of_a_child_in_danger_before_any_assessment(directory: None, analyst: Any) -> None:
    calm, urgent = open_case(), open_case(lane="immediate")
    for case in (calm, urgent):
        mention(case, SUSPECT[0], "reported", analyst)
    lines = [planning.make(case, analyst, "police_first", planning.suggest(case)) for case in (calm, urgent)]
    with pytest.raises(NotAllowed):
        planning.propose(lines[0].dispatches.filter(kind="referral"), analyst)
    (told,) = planning.propose(lines[1].dispatches.filter(kind="referral"), analyst)
    assert "紧急" in dict(queries.letter(told).headers)["Subject"]


def test_proposing_is_all_or_nothing(case: Case, analyst: Any) -> None:
    Route.objects.filter(recipient__key="weibo").delete()
    plan = planning.make(case, analyst, "police_first", planning.suggest(case))
    with pytest.raises(NotAllowed, match="Weibo"):
        planning.propose(plan, analyst)
    assert set(plan.dispatches.values_list("state", flat=True)) == {"draft"}


def test_what_was_told_is_not_offered_again_but_what_is_new_is(
    case: Case, analyst: Any, reviewer: Any
) -> None:
    plan = proposed(case, analyst)
    assert planning.suggest(case) == []
    mention(case, ("account", "weibo", "uid:6660055002", "strong"), "reported", analyst)
    assert by_recipient(planning.suggest(case)) == {
        "police-harbin": ["uid:6660055002"],
        "weibo": ["uid:6660055002"],
    }
    planning.reject(to(plan, "x"), reviewer, "the handle is misspelt")
    assert "x" in by_recipient(planning.suggest(case))


# --- drafts by software --------------------------------------------------------------------------------------


def test_a_draft_by_software_holds_what_could_be_told_and_can_never_leave(
    directory: None, analyst: Any
) -> None:
    case = open_case()
    for triple in SUSPECT:
        mention(case, triple)
    plan = planning.draft(case)
    assert {row.recipient.key for row in plan.dispatches.all()} == {
        "police-harbin",
        "weibo",
        "x",
        "hosting-home",
    }
    assert "uid:6660077001" in queries.draft_text(to(plan, "weibo"))
    with pytest.raises(NotAllowed):
        planning.propose(plan, analyst)
    assert planning.draft(case) == plan


def test_a_draft_for_a_desk_is_written_in_its_language(directory: None) -> None:
    case = open_case()
    mention(case, SUSPECT[0])
    assert to(planning.draft(case), "weibo").language == "zh-hans"


# --- the database refuses what the code should never try ------------------------------------------------------


@pytest.fixture
def draft(case: Case, analyst: Any) -> Dispatch:
    """A draft notice whose route is confirmed."""
    plan = planning.make(case, analyst, "police_first", planning.suggest(case))
    row = to(plan, "weibo")
    row.route = row.recipient.routes.get()
    row.save(update_fields=["route"])
    return row


def set_proposed(row: Dispatch, by: Any) -> None:
    with transaction.atomic():
        Dispatch.objects.filter(pk=row.pk).update(state="proposed", proposed_by=by, digest="a" * 64)


@pytest.mark.parametrize("role", ["unknown", "bystander", "child", "reporter"])
def test_the_database_refuses_to_propose_what_is_not_reported(
    draft: Dispatch, analyst: Any, role: str
) -> None:
    other = identifier("account", "weibo", "uid:6660099009")
    DispatchItem.objects.create(dispatch=draft, identifier=other, role=role)
    with pytest.raises(DatabaseError, match="only identifiers that a person confirmed as reported"):
        set_proposed(draft, analyst)


def test_the_database_refuses_to_propose_an_empty_dispatch(draft: Dispatch, analyst: Any) -> None:
    draft.items.all().delete()
    with pytest.raises(DatabaseError, match="only identifiers"):
        set_proposed(draft, analyst)


def test_the_database_refuses_reported_without_a_person(draft: Dispatch) -> None:
    other = identifier("account", "weibo", "uid:6660099009")
    with pytest.raises(DatabaseError), transaction.atomic():
        DispatchItem.objects.create(dispatch=draft, identifier=other, role="reported")


def test_the_database_refuses_to_change_items_after_proposing(draft: Dispatch, analyst: Any) -> None:
    set_proposed(draft, analyst)
    other = identifier("account", "weibo", "uid:6660099009")
    with pytest.raises(DatabaseError, match="items are fixed"), transaction.atomic():
        DispatchItem.objects.create(
            dispatch=draft, identifier=other, role="reported", role_confirmed_by=analyst
        )
    with pytest.raises(DatabaseError, match="items are fixed"), transaction.atomic():
        draft.items.update(identifier=other)


def test_the_database_refuses_an_unconfirmed_or_missing_route(draft: Dispatch, analyst: Any) -> None:
    assert draft.route
    Route.objects.filter(pk=draft.route.pk).update(confirmed_at=None)
    with pytest.raises(DatabaseError, match="route was not confirmed"):
        set_proposed(draft, analyst)
    Dispatch.objects.filter(pk=draft.pk).update(route=None)
    with pytest.raises(DatabaseError, match="route was not confirmed"):
        set_proposed(draft, analyst)


def test_the_database_refuses_a_dispatch_that_is_not_born_a_draft(draft: Dispatch, analyst: Any) -> None:
    with pytest.raises(DatabaseError, match="begins as a draft"), transaction.atomic():
        Dispatch.objects.create(
            plan=draft.plan, case=draft.case, kind="notice", recipient=draft.recipient, route=draft.route,
            reference="T-OTHER", state="proposed", proposed_by=analyst, digest="a" * 64,
        )  # fmt: skip


def test_the_database_refuses_self_approval_and_other_bytes(
    draft: Dispatch, analyst: Any, reviewer: Any
) -> None:
    set_proposed(draft, analyst)
    rows = Dispatch.objects.filter(pk=draft.pk)
    for fields in (
        {"state": "approved", "approved_by": analyst, "approved_digest": "a" * 64},
        {"state": "approved", "approved_by": reviewer, "approved_digest": "b" * 64},
        {"state": "approved", "approved_by": reviewer},
        {"state": "approved"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**fields)


def test_no_mention_is_changed_by_planning(case: Case, analyst: Any) -> None:
    before = list(Mention.objects.order_by("pk").values_list("role", "role_set_by"))
    proposed(case, analyst)
    assert list(Mention.objects.order_by("pk").values_list("role", "role_set_by")) == before
