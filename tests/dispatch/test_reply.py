"""The recipient's page: looking changes nothing, answering needs our own form, and the door needs no private key."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_rows import account, case_with, link_of, plan_for, recipient, sent, token_of

from tocsin.dispatch.answers import answers
from tocsin.dispatch.models import Answer, Dispatch, PageCopy
from tocsin.dispatch.pages import read_copy, write_copy
from tocsin.lib import keys, mailbox, sealing, signing

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tocsin.server.urls_door")]


@pytest.fixture
def notice(analyst: Any, reviewer: Any) -> Dispatch:
    two = [account("bowls.one"), account("bowls.two")]
    return sent(plan_for(case_with(*two)), recipient(), two, analyst, reviewer)


@pytest.fixture
def referral(analyst: Any, reviewer: Any) -> Dispatch:
    two = [account("bowls.one"), account("bowls.two")]
    return sent(plan_for(case_with(*two)), recipient("police", "River Police"), two, analyst, reviewer)


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def rows_of_every_table() -> dict[str, Any]:
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()
    }


def fields(dispatch: Dispatch, **more: Any) -> dict[str, Any]:
    return {"token": signing.form_token(), **more}


def said(answer: Answer) -> Any:
    return sealing.unseal_json(answer.sealed)


def test_fifty_gets_of_a_mail_scanner_change_no_row(
    browser: Client, notice: Dispatch, referral: Dispatch
) -> None:
    before = rows_of_every_table()
    for _number in range(25):
        for dispatch in (notice, referral):
            assert browser.get(link_of(dispatch)).status_code == 200
            assert browser.head(link_of(dispatch)).status_code == 200
    assert rows_of_every_table() == before


def test_the_page_shows_items_inert_and_sets_no_cookie_and_is_not_stored(
    browser: Client, notice: Dispatch
) -> None:
    page = browser.get(link_of(notice))
    text = page.content.decode()
    assert "bowls[.]one" in text and ">bowls.one<" not in text
    assert 'href="http' not in text.split("<main", 1)[1].split("</main>", 1)[0]
    assert page.headers["Cache-Control"] == "no-store" and not page.cookies
    assert notice.reference in text and "Kiln Pictures" in text


def test_the_page_names_neither_the_case_nor_who_else_was_told(browser: Client, notice: Dispatch) -> None:
    text = browser.get(link_of(notice)).content.decode()
    assert notice.case.number not in text and "olice" not in text


def test_an_answer_for_each_item_is_sealed_and_applied(browser: Client, notice: Dispatch) -> None:
    first, second = notice.items.order_by("pk")
    posted = fields(
        notice,
        **{
            f"answer-{first.public_id}": "suspended",
            f"answer-{second.public_id}": "refused",
            f"reason-{second.public_id}": "a plain bowl",
            "text": "good day",
        },
    )
    page = browser.post(link_of(notice), posted)
    assert page.status_code == 200 and "Thank you" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store" and not page.cookies
    assert b"plain bowl" not in bytes(Answer.objects.get().sealed)
    answers(10)
    assert list(notice.items.order_by("pk").values_list("answer", flat=True)) == ["suspended", "refused"]
    again = browser.get(link_of(notice)).content.decode()
    assert 'class="answered">Account suspended' in again


def test_one_answer_for_all_fills_what_is_left_open(browser: Client, notice: Dispatch) -> None:
    first, second = notice.items.order_by("pk")
    browser.post(
        link_of(notice), fields(notice, **{"all": "removed", f"answer-{first.public_id}": "suspended"})
    )
    assert said(Answer.objects.get())["items"] == {
        first.public_id: {"answer": "suspended", "reason": ""},
        second.public_id: {"answer": "removed", "reason": ""},
    }


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Nothing was chosen yet"),
        ({"all": "refused"}, "Please say why"),
        ({"all": "question"}, "Please say why"),
        ({"all": "exploded"}, "Select a valid choice"),
        ({"all": "removed", "text": "x" * 4001}, "at most 4000"),
        ({"all": "removed", "text": "a\x00b"}, "Null characters"),
    ],
)
def test_what_cannot_be_used_is_said_and_kept_in_the_form(
    browser: Client, notice: Dispatch, posted: dict[str, str], sentence: str
) -> None:
    page = browser.post(link_of(notice), fields(notice, **posted))
    assert page.status_code == 422 and sentence in page.content.decode()
    assert not Answer.objects.exists()


def test_a_double_click_gives_one_answer_and_the_same_thanks(browser: Client, notice: Dispatch) -> None:
    posted = fields(notice, all="suspended")
    pages = [browser.post(link_of(notice), posted) for _click in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert Answer.objects.count() == 1


def test_other_words_in_a_form_that_was_sent_are_asked_for_again(browser: Client, notice: Dispatch) -> None:
    posted = fields(notice, all="suspended")
    browser.post(link_of(notice), posted)
    page = browser.post(link_of(notice), {**posted, "all": "refused", "all-reason": "blue"})
    assert page.status_code == 409 and "already sent" in page.content.decode()
    assert "blue" in page.content.decode() and Answer.objects.count() == 1


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_sites_form_is_not_taken(browser: Client, notice: Dispatch, headers: dict[str, str]) -> None:
    page = browser.post(link_of(notice), fields(notice, all="suspended"), headers=headers)
    assert page.status_code == 403 and not Answer.objects.exists()


@pytest.mark.parametrize(
    "token", ["", "1.2.3", "nonsense", signing.form_token(now=time.time() - 2 * signing.DAY)]
)
def test_a_missing_forged_or_old_form_token_is_not_taken_but_the_words_are_kept(
    browser: Client, notice: Dispatch, token: str
) -> None:
    page = browser.post(link_of(notice), {"token": token, "text": "the blue one"})
    assert page.status_code == 403 and "the blue one" in page.content.decode()
    assert not Answer.objects.exists()


def test_an_expired_link_says_what_to_do(browser: Client, notice: Dispatch) -> None:
    path = "/r/" + signing.link(token_of(notice), int(time.time()) - 60)
    for page in (browser.get(path), browser.post(path, fields(notice, all="suspended"))):
        assert page.status_code == 410 and "out of date" in page.content.decode()
        assert "What you can do" in page.content.decode()
    assert not Answer.objects.exists()


def test_a_withdrawn_notice_says_so_and_takes_nothing(browser: Client, notice: Dispatch) -> None:
    Dispatch.objects.filter(pk=notice.pk).update(state="withdrawn")
    notice.refresh_from_db()
    write_copy(notice)
    for page in (
        browser.get(link_of(notice)),
        browser.post(link_of(notice), fields(notice, all="suspended")),
    ):
        assert page.status_code == 410 and "withdrawn" in page.content.decode()
    assert not Answer.objects.exists()


def test_a_link_signed_by_us_that_opens_nothing_and_a_forged_one_look_the_same(browser: Client) -> None:
    ours = browser.get("/r/" + signing.link(mailbox.new_token(), int(time.time()) + 60))
    forged = browser.get("/r/abc.123.def")
    assert (ours.status_code, forged.status_code) == (404, 404)
    assert ours.content == forged.content


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 200), character=st.characters(min_codepoint=33, max_codepoint=0x2FF))
def test_no_altered_link_is_good(place: int, character: str) -> None:
    link = signing.link("a" * 40, 2_000_000_000)
    place %= len(link)
    altered = link[:place] + character + link[place + 1 :]
    assert altered == link or signing.open_link(altered, now=0.0)[0] == "forged"


def test_the_door_shows_and_takes_answers_without_the_private_key(
    browser: Client, notice: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, link = keys.load, link_of(notice)

    def without(name: str) -> str:
        if name == "hotline.key":
            raise keys.KeyMissing("the door has no private key")
        return real(name)

    monkeypatch.setattr(keys, "load", without)
    assert browser.get(link).status_code == 200
    assert browser.post(link, fields(notice, all="suspended")).status_code == 200
    assert Answer.objects.count() == 1


def test_the_copy_opens_with_its_own_token_only(notice: Dispatch, referral: Dispatch) -> None:
    assert read_copy(token_of(notice)) is not None
    PageCopy.objects.filter(tag=notice.mailbox_tag).update(tag="x")
    PageCopy.objects.filter(tag=referral.mailbox_tag).update(tag=notice.mailbox_tag)
    with pytest.raises(sealing.SealBroken):
        read_copy(token_of(notice))


def test_a_copy_past_its_date_is_not_opened(notice: Dispatch) -> None:
    PageCopy.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert read_copy(token_of(notice)) is None


def test_police_choose_until_when_and_about_what(browser: Client, referral: Dispatch) -> None:
    first, _second = referral.items.order_by("pk")
    day = (timezone.now() + timedelta(days=10)).date().isoformat()
    page = browser.post(
        link_of(referral), fields(referral, answer_code="hold", until=day, about=[first.public_id])
    )
    assert page.status_code == 200
    assert said(Answer.objects.get()) == {
        "version": 1,
        "answer": "hold",
        "until": day,
        "about": [first.public_id],
        "text": "",
    }
    answers(10)
    assert "You asked us to keep silent" in browser.get(link_of(referral)).content.decode()


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "This field is required"),
        ({"answer_code": "hold", "about": ["all"]}, "Choose the day"),
        ({"answer_code": "hold", "until": "2001-01-01", "about": ["all"]}, "between today and a year"),
        ({"answer_code": "hold", "until": "9999-12-31", "about": ["all"]}, "between today and a year"),
        ({"answer_code": "hold", "until": "soon", "about": ["all"]}, "Enter a valid date"),
        ({"answer_code": "go_ahead"}, "Tick at least one"),
        ({"answer_code": "suspended"}, "Select a valid choice"),
    ],
)
def test_a_police_answer_that_cannot_be_used_is_said(
    browser: Client, referral: Dispatch, posted: dict[str, Any], sentence: str
) -> None:
    if posted.get("about") == ["all"]:
        posted = {**posted, "about": [item.public_id for item in referral.items.all()]}
    page = browser.post(link_of(referral), fields(referral, **posted))
    assert page.status_code == 422 and sentence in page.content.decode()
    assert not Answer.objects.exists()


def test_another_authority_is_not_offered_what_only_police_decide(
    browser: Client, analyst: Any, reviewer: Any
) -> None:
    jar = account("jar")
    hotline = sent(plan_for(case_with(jar)), recipient("hotline", "Harbour Line"), [jar], analyst, reviewer)
    text = browser.get(link_of(hotline)).content.decode()
    assert 'value="received"' in text
    assert 'value="hold"' not in text and 'value="arrested"' not in text and 'value="go_ahead"' not in text
    assert browser.post(link_of(hotline), fields(hotline, answer_code="arrested")).status_code == 422


@pytest.mark.parametrize("language", ["en", "fr", "zh-hans"])
def test_the_page_is_in_the_language_of_the_dispatch(
    browser: Client, analyst: Any, reviewer: Any, language: str
) -> None:
    jar = account("jar")
    notice = sent(plan_for(case_with(jar)), recipient(), [jar], analyst, reviewer, language=language)
    page = browser.get(link_of(notice), headers={"Accept-Language": "fr" if language == "en" else "en"})
    assert (
        page.headers["Content-Language"] == language and f'<html lang="{language}"' in page.content.decode()
    )
    other = browser.get(link_of(notice) + "?lang=fr")
    assert '<html lang="fr"' in other.content.decode()


def test_a_notice_of_three_hundred_items_can_be_answered_at_once(
    browser: Client, analyst: Any, reviewer: Any
) -> None:
    many = [account(f"pot{number}") for number in range(300)]
    notice = sent(plan_for(case_with()), recipient(), many, analyst, reviewer)
    text = browser.get(link_of(notice)).content.decode()
    assert "pot299" in text
    assert browser.post(link_of(notice), fields(notice, all="removed")).status_code == 200
    answers(10)
    notice.refresh_from_db()
    assert notice.state == "acted"
