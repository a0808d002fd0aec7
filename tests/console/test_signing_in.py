"""Signing in and out of the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tocsin.audit.models import AuditRow

LOGIN = "/console/login/"
PAIR = {"username": "ada", "password": "correct horse battery"}


def test_a_stranger_who_asks_for_a_case_page_is_sent_to_sign_in_and_then_on(analyst: Any) -> None:
    client = Client()
    answer = client.get("/console/cases/?lane=high")
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{LOGIN}?next=/console/cases/")
    signed_in = client.post(LOGIN, {**PAIR, "next": "/console/cases/?lane=high"})
    assert signed_in["Location"] == "/console/cases/?lane=high"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://other.example/", "//other.example/", "/health", "javascript:0", "http://testserver/x"],
)
def test_after_signing_in_nobody_is_sent_outside_the_console(analyst: Any, elsewhere: str) -> None:
    answer = Client().post(LOGIN, {**PAIR, "next": elsewhere})
    assert answer["Location"] == "/console/cases/"


def test_a_wrong_password_and_an_unknown_name_read_the_same(analyst: Any) -> None:
    wrong = Client().post(LOGIN, {**PAIR, "password": "not this one"})
    unknown = Client().post(LOGIN, {**PAIR, "username": "nobody"})
    for answer in (wrong, unknown):
        assert answer.status_code == 200
        assert "do not fit together" in answer.content.decode()
        assert "sessionid" not in answer.cookies


def test_a_person_who_left_the_hotline_cannot_sign_in(analyst: Any) -> None:
    analyst.is_active = False
    analyst.save(update_fields=["is_active"])
    assert "do not fit together" in Client().post(LOGIN, PAIR).content.decode()


def test_an_empty_form_says_what_is_missing(db: None) -> None:
    assert "Please give your name and your password." in Client().post(LOGIN, {}).content.decode()


def test_signing_in_and_out_is_in_the_audit_without_a_name(analyst: Any) -> None:
    client = Client()
    client.post(LOGIN, PAIR)
    assert client.get("/console/logout/").status_code == 405, "a link must not sign anybody out"
    client.post("/console/logout/")
    assert client.get("/console/cases/").status_code == 302
    rows = AuditRow.objects.filter(action__startswith="accounts.").order_by("pk")
    assert [(row.action, row.actor) for row in rows] == [
        ("accounts.signed_in", analyst.actor),
        ("accounts.signed_out", analyst.actor),
    ]
    assert all("ada" not in f"{row.actor}{row.object}{row.detail}" for row in rows)


def test_a_chosen_language_stays_with_the_person(analyst_client: Any, analyst: Any) -> None:
    answer = analyst_client.post("/console/language/", {"language": "fr"}, follow=True)
    analyst.refresh_from_db()
    assert analyst.language == "fr"
    assert '<html lang="fr"' in answer.content.decode()
    analyst_client.post("/console/language/", {"language": "xx"})
    analyst.refresh_from_db()
    assert analyst.language == "fr", "a language that is not ours changes nothing"
