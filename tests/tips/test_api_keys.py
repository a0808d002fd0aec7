"""Keys of machines: who makes them, that they are shown once, how they end."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from tips.api_client import KILN, administrator, send

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cli import main
from tocsin.tips import clients
from tocsin.tips.models import ApiClient, Tip

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client() -> Client:
    client = Client()
    client.force_login(administrator())
    return client


def test_the_page_shows_a_key_once_and_it_works_until_it_is_revoked(admin_client: Client) -> None:
    made = admin_client.post("/console/clients/new/", {"name": "Partner <shop>", "scopes": ["tips:write"]})
    found = re.search(r"tocsin_[A-Za-z0-9_-]{43}", made.content.decode())
    assert found and made["Cache-Control"] == "no-store"
    assert send("/tips", KILN, found[0]).status_code == 201
    page = admin_client.get("/console/clients/").content.decode()
    assert "Partner &lt;shop&gt;" in page and "tocsin_" not in page
    row = ApiClient.objects.get()
    assert row.key_digest == clients.digest(found[0]) and found[0] not in row.key_digest
    admin_client.post(f"/console/clients/{row.public_id}/revoke/")
    assert send("/tips", KILN, found[0]).status_code == 401
    assert Tip.objects.get().client == row
    actions = list(AuditRow.objects.filter(object=f"client:{row.public_id}").values_list("action", flat=True))
    assert actions == ["client.created", "client.revoked"]


@pytest.mark.parametrize(
    "form", [{"name": " ", "scopes": ["tips:write"]}, {"name": "x"}, {"name": "x", "scopes": ["pots:read"]},
             {"name": "x", "scopes": ["tips:write"], "campaign": "nobody"}]
)  # fmt: skip
def test_a_form_that_says_too_little_makes_no_key(admin_client: Client, form: dict[str, Any]) -> None:
    answer = admin_client.post("/console/clients/new/", form, follow=True)
    assert answer.status_code == 200 and "tocsin_" not in answer.content.decode()
    assert ApiClient.objects.count() == 0


def test_only_an_administrator_may(analyst_client: Client, analyst: Any) -> None:
    assert analyst_client.get("/console/clients/").status_code == 404
    assert (
        analyst_client.post("/console/clients/new/", {"name": "x", "scopes": ["tips:write"]}).status_code
        == 404
    )
    with pytest.raises(SystemExit, match="not an administrator"):
        main(["api-key", "new", "x", "--as", analyst.username])
    assert ApiClient.objects.count() == 0


def test_a_key_that_does_not_run_cannot_be_revoked() -> None:
    with pytest.raises(NotAllowed):
        clients.revoke(administrator(), "000000000000")


def test_the_command_makes_lists_and_revokes(capsys: pytest.CaptureFixture[str]) -> None:
    administrator()
    assert main(["api-key", "new", "partner", "--as", "amal", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["schema"], made["version"]) == ("tocsin.api-key", 1)
    assert send("/tips", KILN, made["key"]).status_code == 201
    assert main(["api-key", "revoke", made["id"], "--as", "amal"]) == 0
    assert main(["api-key", "revoke", made["id"], "--as", "amal"]) == 1
    capsys.readouterr()
    assert main(["api-key", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["clients"]
    assert row["id"] == made["id"] and row["scopes"] == ["tips:write"] and row["revoked_at"]
    assert main(["api-key", "list"]) == 0
    assert "revoked" in capsys.readouterr().out
