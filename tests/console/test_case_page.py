"""One case on one screen: what it shows, what a person sets, and what stays sealed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.audit.models import AuditRow
from tocsin.cases import flags, queries
from tocsin.cases import page as page_parts
from tocsin.cases.models import Case, CaseState, Finding
from tocsin.cases.queries import identifiers_of, reported
from tocsin.cases.subject import subject
from tocsin.identifiers.models import Identifier
from tocsin.lib.writing import write
from tocsin.tips.models import Mention, TipState

PLAIN = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def case(tip: Callable[..., Any], work: Callable[[], int]) -> Case:
    """A pottery account in Harbin that three tips name; one of them says that danger is now."""
    tip(
        "The kiln in Harbin: weibo.com/u/6660012345 and https://kiln.example.com/square/7",
        contact="me@mail.example",
    )
    tip(
        "Again weibo.com/u/6660012345, now also @quiet_kiln on telegram: https://t.me/quiet_kiln",
        danger="yes",
    )
    tip("weibo.com/u/6660012345 哈尔滨")
    work()
    return Case.objects.get()


def url(case: Case, rest: str = "") -> str:
    return f"/console/cases/{case.number}/{rest}"


def page_of(client: Any, case: Case) -> str:
    return str(client.get(url(case)).content.decode())


def identifier(platform: str, case: Case) -> Any:
    return next(row for row in identifiers_of(case) if row.platform == platform)


def test_the_page_says_who_what_where_why_and_what_is_next(case: Case, analyst_client: Any) -> None:
    page = page_of(analyst_client, case)
    assert "The reporter says that a child is in danger now" in page
    assert "Harbin?" in page
    assert "Read the tips, then assess the case." in page
    assert "uid:6660012345" in page
    assert page.count("here because it names") == 2, "the first tip opened the case, the others joined it"


def test_nothing_on_the_page_is_a_link_to_a_suspect_and_no_narrative_is_in_it(
    case: Case, analyst_client: Any
) -> None:
    page = page_of(analyst_client, case)
    assert re.findall(r'(?:href|src)="(?!/|#|\?)', page) == []
    assert "kiln[.]example[.]com" in page
    assert "The kiln in" not in page


def test_the_first_look_opens_the_tips_once(case: Case, analyst_client: Any, analyst: Any) -> None:
    page_of(analyst_client, case)
    page_of(analyst_client, case)
    case.refresh_from_db()
    assert case.seen_by == analyst
    assert {row.tip.state for row in case.case_tips.select_related("tip")} == {TipState.OPENED}
    assert AuditRow.objects.filter(action="case.seen").count() == 1


def test_all_roles_are_set_by_one_form_and_only_what_changed_is_written(
    case: Case, analyst_client: Any, analyst: Any
) -> None:
    rows = identifiers_of(case)
    weibo, telegram = identifier("weibo", case), identifier("telegram", case)
    posted = {f"role-{row.public_id}": row.role for row in rows} | {
        f"was-{row.public_id}": row.role for row in rows
    }
    posted |= {f"role-{weibo.public_id}": "reported", f"role-{telegram.public_id}": "bystander"}
    answer = analyst_client.post(url(case, "roles/"), posted, follow=True)
    assert "2 roles are set." in answer.content.decode()
    assert [(one.platform, user) for one, user in reported(case)] == [("weibo", analyst)]
    assert identifier("telegram", case).role == "bystander"
    assert AuditRow.objects.filter(action="case.role").count() == 2


def test_a_proposal_of_software_says_so_until_a_person_confirms_it(
    tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any, analyst: Any
) -> None:
    for _ in range(2):
        tip(
            "weibo.com/u/6660012345 is odd, and my own mail is ada.kiln@mail.example",
            contact="ada.kiln@mail.example",
        )
    work()
    case = Case.objects.get()
    page = page_of(analyst_client, case)
    assert "proposed by software" in page
    row = next(row for row in identifiers_of(case) if row.role_by == "software")
    assert f'name="was-{row.public_id}" value=""' in page
    analyst_client.post(url(case, "roles/"), {f"role-{row.public_id}": "", f"was-{row.public_id}": ""})
    assert next(one for one in identifiers_of(case) if one.public_id == row.public_id).role_by == "software"
    analyst_client.post(url(case, "roles/"), {f"role-{row.public_id}": row.role, f"was-{row.public_id}": ""})
    after = next(one for one in identifiers_of(case) if one.public_id == row.public_id)
    assert (after.role, after.role_by, after.confirmed_by) == (row.role, "person", analyst)


def test_a_childs_identifier_is_sealed_and_shown_only_on_request_which_is_recorded(
    case: Case, analyst_client: Any, analyst: Any
) -> None:
    row = identifier("telegram", case)
    analyst_client.post(
        url(case, "roles/"), {f"role-{row.public_id}": "child", f"was-{row.public_id}": row.role}
    )
    assert not Identifier.objects.filter(platform="telegram").exists()
    page = page_of(analyst_client, case)
    assert "quiet_kiln" not in page
    assert "sealed" in page
    sealed = Mention.objects.get(identifier__isnull=True)
    assert analyst_client.get(url(case, "reveal/")).status_code == 405
    shown = analyst_client.post(
        url(case, "reveal/"), {"public_id": sealed.public_id}, **PLAIN
    ).content.decode()
    assert "quiet_kiln" in shown
    assert "<html" not in shown
    (audit,) = AuditRow.objects.filter(action="identifier.reveal")
    assert (audit.actor, audit.object) == (analyst.actor, f"case:{case.number}")
    assert "quiet_kiln" not in str(audit.detail)


def test_a_sealed_identifier_of_another_case_is_not_revealed_here(
    case: Case, tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any
) -> None:
    row = identifier("telegram", case)
    analyst_client.post(
        url(case, "roles/"), {f"role-{row.public_id}": "child", f"was-{row.public_id}": row.role}
    )
    for _ in range(2):
        tip("See weibo.com/u/6660099999")
    work()
    other = Case.objects.exclude(pk=case.pk).get()
    sealed = Mention.objects.get(identifier__isnull=True)
    assert analyst_client.post(url(other, "reveal/"), {"public_id": sealed.public_id}).status_code == 404
    assert not AuditRow.objects.filter(action="identifier.reveal").exists()


def test_the_text_of_a_tip_is_softened_marked_and_its_reading_recorded(
    case: Case, analyst_client: Any, analyst: Any
) -> None:
    first = case.case_tips.order_by("tip__received_at", "tip_id").first()
    assert first is not None
    text = analyst_client.get(url(case, f"tips/{first.tip.public_id}/"), **PLAIN).content.decode()
    assert "The kiln in Harbin" in text
    assert '<mark class="found" title="Web address">hxxps://kiln[.]example[.]com/square/7</mark>' in text
    assert "https://kiln" not in text
    assert "<html" not in text
    assert AuditRow.objects.filter(action="tip.read", actor=analyst.actor).count() == 1
    assert "<html" in analyst_client.get(url(case, f"tips/{first.tip.public_id}/")).content.decode()


def test_the_reporters_contact_is_shown_only_by_a_recorded_post(case: Case, analyst_client: Any) -> None:
    first = case.case_tips.order_by("tip__received_at", "tip_id").first()
    assert first is not None
    where = url(case, f"tips/{first.tip.public_id}/")
    assert "me@mail.example" not in analyst_client.get(where).content.decode()
    assert analyst_client.get(f"{where}contact/").status_code == 405
    assert "me@mail.example" in analyst_client.post(f"{where}contact/").content.decode()
    assert AuditRow.objects.filter(action="tip.contact_read").count() == 1


def test_a_tip_of_another_case_is_not_found_here(
    case: Case, tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any
) -> None:
    loose = tip("Nothing here names anything.")
    work()
    assert analyst_client.get(url(case, f"tips/{loose.public_id}/")).status_code == 404


def test_a_finding_joins_the_case_and_a_wrong_one_comes_back_with_what_was_typed(
    case: Case, analyst_client: Any, analyst: Any
) -> None:
    wrong = {"text": "nothing at all", "role": "unknown", "note": "three squares"}
    again = analyst_client.post(url(case, "finding/"), wrong)
    assert again.status_code == 400
    assert 'value="nothing at all"' in again.content.decode()
    assert "three squares" in again.content.decode()
    good = {"text": "weibo.com/u/6660077777", "role": "reported", "note": "linked from the first account"}
    page = analyst_client.post(url(case, "finding/"), good, follow=True).content.decode()
    assert "found by us" in page
    assert "linked from the first account" in page
    finding = Finding.objects.get()
    assert (finding.by, finding.role, finding.role_set_by) == (analyst, "reported", analyst)


def test_a_note_and_the_subject_are_kept_sealed_and_shown(
    case: Case, analyst_client: Any, analyst: Any
) -> None:
    analyst_client.post(url(case, "note/"), {"text": "Call the kiln guild on Monday."})
    chosen = {"name": "The potter", "city": "harbin", "country": "", "grade": "said"}
    page = analyst_client.post(url(case, "subject/"), chosen, follow=True).content.decode()
    assert "Call the kiln guild on Monday." in page
    assert "The potter" in page
    case.refresh_from_db()
    found = subject(case, analyst)
    assert found is not None
    assert (found.city, found.country, found.grade) == ("harbin", "CN", "said")
    assert b"potter" not in bytes(case.subject_sealed or b"")
    assert analyst_client.post(url(case, "note/"), {"text": "  "}).status_code == 400
    assert analyst_client.post(url(case, "subject/"), chosen | {"city": "nowhere"}).status_code == 400


def test_a_case_is_closed_and_opened_again_and_no_other_state_is_taken(
    case: Case, analyst_client: Any
) -> None:
    analyst_client.post(url(case, "state/"), {"state": "closed"})
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
    assert "Nothing: the case is closed." in page_of(analyst_client, case)
    analyst_client.post(url(case, "state/"), {"state": "reopened"})
    case.refresh_from_db()
    assert case.state == CaseState.REOPENED
    assert analyst_client.post(url(case, "state/"), {"state": "dispatched"}).status_code == 404


def test_an_old_number_leads_to_the_case_that_lives_on(case: Case, analyst_client: Any) -> None:
    old = Case.objects.create(
        number="2020-000001",
        state=CaseState.MERGED,
        merged_into=case,
        opened_at=case.opened_at,
        first_received_at=case.first_received_at,
        last_received_at=case.last_received_at,
    )
    answer = analyst_client.get(url(old))
    assert answer["Location"] == url(case)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_unknown_and_forbidden_are_both_not_found(
    case: Case, analyst: Any, analyst_client: Any, role: str
) -> None:
    assert analyst_client.get("/console/cases/2020-999999/").status_code == 404
    analyst.role = role
    analyst.save(update_fields=["role"])
    assert analyst_client.get(url(case)).status_code == 404
    for rest in ("roles/", "reveal/", "finding/", "note/", "subject/", "state/"):
        assert analyst_client.post(url(case, rest), {"state": "closed"}).status_code == 404


def test_the_panels_of_other_rooms_are_links_that_htmx_loads(case: Case, analyst_client: Any) -> None:
    page = page_of(analyst_client, case)
    for name in re.findall(r'hx-get="([^"]+)" hx-trigger="load"', page):
        assert f'<a href="{name}">' in page
        assert analyst_client.get(name).status_code == 200, name
        assert "<html" not in analyst_client.get(name, **PLAIN).content.decode(), name
    assert page.count('hx-trigger="load"') == 8


def test_a_panel_that_has_nothing_to_say_does_not_stand_on_the_page(
    case: Case, analyst_client: Any, analyst: Any
) -> None:
    before = page_of(analyst_client, case)
    assert url(case, "decide/") not in before and url(case, "supplement/") not in before
    with write():
        flags.raise_flag(case, flags.BACK_AGAIN, identifier("weibo", case).public_id)
    Case.objects.filter(pk=case.pk).update(state=CaseState.DISPATCHED)
    after = page_of(analyst_client, case)
    assert url(case, "decide/") in after and url(case, "supplement/") in after


def test_of_a_storm_the_page_shows_a_part_and_says_so(
    case: Case, analyst_client: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(queries, "FACTS_READ", 2)
    monkeypatch.setattr(page_parts, "IDENTIFIERS_A_PAGE", 3)
    monkeypatch.setattr(page_parts, "IDENTIFIERS_SHOWN", 1)
    monkeypatch.setattr(page_parts, "EVENTS_READ", 1)
    page = page_of(analyst_client, case)
    assert "read from the newest 2 tips" in page
    rows = identifiers_of(case)
    assert [f"role-{row.public_id}" in page for row in rows] == [True, True, True, False]
    second = str(analyst_client.get(url(case), {"identifiers": "2"}).content.decode())
    assert [f"role-{row.public_id}" in second for row in rows] == [False, False, False, True]


def test_the_case_page_asks_the_same_number_of_questions_for_three_and_for_twenty_tips(
    case: Case, tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any
) -> None:
    page_of(analyst_client, case)
    with CaptureQueriesContext(connection) as few:
        page_of(analyst_client, case)
    for number in range(17):
        tip(f"weibo.com/u/6660012345 and weibo.com/u/66600555{number:02}")
    work()
    page_of(analyst_client, case)  # opens the new tips
    with CaptureQueriesContext(connection) as many:
        page = page_of(analyst_client, case)
    assert page.count('hx-trigger="toggle') == 20
    assert len(many) == len(few)
