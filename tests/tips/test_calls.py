"""A call or a letter becomes a tip with a receipt, as any other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tocsin.lib import signing
from tocsin.tips import copies, queries
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
URL = "/console/calls/"


def test_what_a_caller_said_is_a_sealed_tip_with_who_took_it(analyst_client: Client, analyst: Any) -> None:
    fields = {
        "channel": "phone", "text": "The caller spells: t.me/kiln_room", "danger": "yes", "place": "FR", "city": "Lyon",
        "contact": "01 99 00 12 34", "occurred_at": "2026-11-20T21:30", "token": signing.form_token(),
    }  # fmt: skip
    answer = analyst_client.post(URL, fields)
    assert answer.status_code == 200
    tip = Tip.objects.get()
    assert (tip.source, tip.taken_by, tip.danger, tip.place) == ("phone", analyst, "yes", "FR")
    assert tip.occurred_at == datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    assert queries.contact(tip) == "01 99 00 12 34"
    assert copies.read("".join(answer.context["groups"])) is not None
    analyst_client.post(URL, fields)
    assert Tip.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "  "),
        ("text", "x" * 70_000),
        ("occurred_at", "yesterday"),
        ("occurred_at", "2026-13-45T99:00"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost(
    analyst_client: Client, field: str, value: str
) -> None:
    typed = {"text": "see t.me/kiln", "contact": "a@example.org", "token": signing.form_token(), field: value}
    answer = analyst_client.post(URL, typed)
    assert answer.status_code == 400
    assert answer.context["refusal"]
    assert b"a@example.org" in answer.content
    assert not Tip.objects.exists()


def test_only_people_of_the_casework_take_calls(client: Client) -> None:
    assert client.get(URL).status_code == 302
