"""What an administrator switches on, with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.tips import switches
from tocsin.tips.models import Switch

pytestmark = pytest.mark.django_db
NAME = switches.FINGERPRINT


@pytest.fixture
def admin() -> User:
    """Amal, who administrates."""
    return User.objects.create_user(username="amal", role="administrator")


@pytest.fixture
def admin_client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def test_the_fingerprint_page_is_not_there_until_it_is_switched_on(admin: User) -> None:
    assert Client().get("/fingerprint").status_code == 404
    assert "/fingerprint" not in Client().get("/no-pictures").content.decode()
    switches.flip(admin, NAME, True, "agreed with the association of victims")
    page = Client().get("/fingerprint")
    assert page.status_code == 200 and not page.cookies
    assert 'href="/fingerprint?' in Client().get("/no-pictures").content.decode()
    switches.flip(admin, NAME, False, "nobody used it")
    assert Client().get("/fingerprint").status_code == 404


def test_the_fingerprint_page_cannot_send_anything(admin: User) -> None:
    switches.flip(admin, NAME, True, "agreed")
    page = Client().get("/fingerprint")
    policy = page["Content-Security-Policy"]
    assert "connect-src 'none'" in policy and "form-action 'none'" in policy
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    body = page.content.decode()
    assert (
        '<input type="file" id="file"' in body
        and "<form" not in body
        and "name=" not in body.split("<main")[1]
    )


def test_switching_is_recorded_with_who_but_without_the_words(admin: User) -> None:
    switches.flip(admin, NAME, True, "agreed with Lucie")
    row = Switch.objects.get()
    assert (row.on, row.why, row.set_by) == (True, "agreed with Lucie", admin)
    audit = AuditRow.objects.get(action="switch.on")
    assert (audit.actor, audit.object) == (admin.actor, f"switch:{NAME}")
    assert "Lucie" not in repr(audit.detail)


@pytest.mark.parametrize(
    ("name", "on", "why"), [(NAME, True, " "), (NAME, False, "off already"), ("door", True, "x")]
)
def test_no_reason_no_change_and_unknown_switches_are_refused(
    admin: User, name: str, on: bool, why: str
) -> None:
    with pytest.raises(NotAllowed):
        switches.flip(admin, name, on, why)
    assert not Switch.objects.exists() and not AuditRow.objects.filter(action__startswith="switch").exists()


def test_an_administrator_switches_on_the_console_page(admin_client: Client) -> None:
    page = admin_client.get("/console/switches/")
    assert page.status_code == 200 and 'name="on" value="yes"' in page.content.decode()
    flipped = admin_client.post(f"/console/switches/{NAME}/", {"on": "yes", "why": "agreed"}, follow=True)
    body = flipped.content.decode()
    assert "It is on now." in body and "agreed" in body and 'name="on" value="no"' in body
    assert switches.is_on(NAME)
    refused = admin_client.post(f"/console/switches/{NAME}/", {"on": "no", "why": ""}, follow=True)
    assert "Write the reason." in refused.content.decode() and switches.is_on(NAME)


def test_others_do_not_see_the_page(reviewer_client: Any) -> None:
    assert reviewer_client.get("/console/switches/").status_code == 404
    assert reviewer_client.post(f"/console/switches/{NAME}/", {"on": "yes", "why": "x"}).status_code == 404
    assert not switches.is_on(NAME)
