"""Holds in the console: asked loudly when their time has passed, recorded by two people, lifted with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from sent_rows import NOW, account, answer, case_with, plan_for, recipient, sent

from tocsin.dispatch import holds
from tocsin.dispatch.answers import answers
from tocsin.dispatch.models import Dispatch, Hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def police(analyst: Any, reviewer: Any) -> Dispatch:
    two = [account("bowls.one"), account("bowls.two")]
    return sent(plan_for(case_with(*two)), recipient("police", "River Police"), two, analyst, reviewer)


def test_a_hold_whose_time_has_passed_is_asked_about_in_the_list_and_in_every_case_it_binds(
    analyst_client: Any, police: Dispatch
) -> None:
    other = case_with(account("bowls.one"))
    holds.set_from_page(police, NOW - timedelta(days=1))
    for page in (
        "/console/holds/",
        f"/console/cases/{police.case.number}/clock",
        f"/console/cases/{other.number}/clock",
    ):
        text = analyst_client.get(page).content.decode()
        assert "has passed" in text and "Nothing leaves by itself" in text


def test_a_hold_that_runs_is_shown_without_alarm(analyst_client: Any, police: Dispatch) -> None:
    holds.set_from_page(police, timezone.now() + timedelta(days=2))
    text = analyst_client.get("/console/holds/").content.decode()
    assert "River Police asked for silence" in text and "bowls[.]one" in text and "has passed" not in text


def test_by_telephone_through_the_pages(analyst_client: Any, reviewer_client: Any, police: Dispatch) -> None:
    day = (timezone.now() + timedelta(days=4)).date().isoformat()
    form = {"until": day, "said": "River Police, the desk", "next": "/console/holds/"}
    assert analyst_client.post(f"/console/cases/{police.case.number}/holds", form).status_code == 302
    hold = Hold.objects.get()
    assert holds.case_held(police.case)
    confirm = f"/console/holds/{hold.public_id}/confirm"
    assert confirm not in analyst_client.get("/console/holds/").content.decode()
    assert confirm in reviewer_client.get("/console/holds/").content.decode()
    analyst_client.post(confirm)
    hold.refresh_from_db()
    assert hold.confirmed_by is None
    reviewer_client.post(confirm)
    hold.refresh_from_db()
    assert hold.confirmed_by and hold.confirmed_by.username == "ravi"


@pytest.mark.parametrize("until", ["", "soon", "2001-01-01", "9999-12-31x"])
def test_a_day_that_cannot_be_used_records_nothing(analyst_client: Any, police: Dispatch, until: str) -> None:
    form = {"until": until, "said": "River Police"}
    assert analyst_client.post(f"/console/cases/{police.case.number}/holds", form).status_code == 302
    assert not Hold.objects.exists()


def test_lifting_needs_a_reviewer_and_a_reason(
    analyst_client: Any, reviewer_client: Any, police: Dispatch
) -> None:
    hold = holds.set_from_page(police, timezone.now() + timedelta(days=2))
    lift = f"/console/holds/{hold.public_id}/lift"
    assert analyst_client.post(lift, {"reason": "police_by_phone"}).status_code == 404
    reviewer_client.post(lift, {"reason": ""})
    assert holds.case_held(police.case)
    reviewer_client.post(lift, {"reason": "police_by_phone", "next": "https://elsewhere.example/"})
    assert not holds.case_held(police.case)


def test_looking_at_holds_needs_a_sign_in(client: Any, police: Dispatch) -> None:
    assert client.get("/console/holds/").status_code == 302


def test_the_reporter_panel_says_why_nothing_may_be_released(analyst_client: Any, police: Dispatch) -> None:
    path = f"/console/cases/{police.case.number}/reporters"
    assert 'name="outcome"' in analyst_client.get(path).content.decode()
    holds.set_from_page(police, timezone.now() + timedelta(days=2))
    text = analyst_client.get(path).content.decode()
    assert 'name="outcome"' not in text and "Police asked for silence" in text
    analyst_client.post(path + "/release", {"outcome": "helped"})
    assert police.case.case_tips.get().tip.outcome == ""


def test_the_reporters_of_a_case_are_told_from_the_panel(analyst_client: Any, police: Dispatch) -> None:
    path = f"/console/cases/{police.case.number}/reporters"
    assert analyst_client.post(path + "/release", {"outcome": "helped"}).status_code == 302
    assert police.case.case_tips.get().tip.outcome == "helped"
    assert "Something was done" in analyst_client.get(path).content.decode()
    assert analyst_client.get(path, headers={"HX-Request": "true"}).content.decode().count("<html") == 0


def test_the_analyst_reads_what_the_recipient_wrote_as_text(
    analyst_client: Any, analyst: Any, reviewer: Any
) -> None:
    jar = account("jar")
    notice = sent(plan_for(case_with(jar)), recipient(), [jar], analyst, reviewer)
    item = notice.items.get()
    answer(
        notice,
        {"items": {item.public_id: {"answer": "refused", "reason": "<b>blue</b>"}}, "text": "<i>round</i>"},
    )
    answers(10)
    text = analyst_client.get(f"/console/dispatches/{notice.public_id}/").content.decode()
    assert "&lt;b&gt;blue&lt;/b&gt;" in text and "&lt;i&gt;round&lt;/i&gt;" in text and "We refuse" in text
