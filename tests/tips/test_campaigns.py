"""A campaigner's own way in, what they pass on, and that they can read nothing of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.identifiers.models import BystanderChange
from tocsin.lib import mailbox, signing, uploads
from tocsin.statistics.campaigns import campaign_for, totals
from tocsin.tips import campaigns, claims, copies, messages, opening, queries
from tocsin.tips.models import Campaign, Claim, HandOver, ReporterCopy, Tip

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaigner(db: None) -> User:
    return User.objects.create_user(username="cleo", password="correct horse battery", role="campaigner")


@pytest.fixture
def campaign(coordinator: User, campaigner: User) -> Campaign:
    return campaigns.create(coordinator, "clay-week", "Clay week", "cleo", "https://t.me/cleo_pots")


@pytest.fixture
def campaigner_client(campaigner: User) -> Client:
    client = Client()
    client.force_login(campaigner)
    return client


def receipt_in(answer: Any) -> str:
    shown = re.search(rb'class="receipt"[^>]*>(.*?)</p>', answer.content, re.DOTALL)
    assert shown is not None
    return re.sub(r"<[^>]*>|\s", "", shown[1].decode())


def test_the_campaigners_accounts_are_proposed_as_bystanders(campaign: Campaign) -> None:
    change = BystanderChange.objects.get()
    assert (change.platform, change.canonical, change.state) == ("telegram", "cleo_pots", "proposed")


@pytest.mark.parametrize("name", ["", "ab", "a b c", "Clay/x", "-clay", "x" * 41, "ключ", "../../x"])
def test_a_name_that_makes_no_address_is_refused(coordinator: User, name: str) -> None:
    with pytest.raises(NotAllowed):
        campaigns.create(coordinator, name, "Clay week")
    assert not Campaign.objects.exists()


def test_a_name_is_used_once_and_an_owner_is_a_campaigner(campaign: Campaign, coordinator: User) -> None:
    with pytest.raises(NotAllowed):
        campaigns.create(coordinator, "CLAY-week ", "Again")
    with pytest.raises(NotAllowed):
        campaigns.create(coordinator, "other", "Other", owner="coco")


def test_tips_that_come_by_the_link_belong_to_the_campaign(client: Client, campaign: Campaign) -> None:
    page = client.get("/c/clay-week")
    assert b"Clay week" in page.content
    assert b'name="campaign" value="clay-week"' in page.content
    assert not page.cookies
    client.post("/", {"text": "see t.me/kiln", "token": page.context["token"], "campaign": "clay-week"})
    assert Tip.objects.get().campaign == campaign


def test_an_ended_or_unknown_campaign_shows_the_ordinary_form_and_loses_no_tip(
    client: Client, campaign: Campaign, coordinator: User
) -> None:
    campaigns.set_active(coordinator, campaign, False)
    for name in ("clay-week", "unknown"):
        page = client.get(f"/c/{name}")
        assert page.status_code == 200
        assert b'name="campaign"' not in page.content
        answer = client.post("/", {"text": "see t.me/kiln", "token": page.context["token"], "campaign": name})
        assert receipt_in(answer)
    assert set(Tip.objects.values_list("campaign", flat=True)) == {None}


def test_what_is_passed_on_becomes_tips_that_nobody_can_read_yet(
    campaign: Campaign, campaigner: User
) -> None:
    text = "2026-11-20 21:03:12 anna: see t.me/kiln_room\n2026-11-20 21:04:00 ben: and t.me/clay_room"
    passed = campaigns.pass_on(campaigner, campaign, text, each=True)
    assert len(passed) == 2
    tips = list(Tip.objects.order_by("pk"))
    assert {(tip.source, tip.campaign, tip.taken_by) for tip in tips} == {("campaign", campaign, campaigner)}
    assert not ReporterCopy.objects.exists()
    assert "kiln_room" in queries.narrative(tips[0], None)


def test_the_first_to_press_owns_the_mailbox(
    client: Client, campaign: Campaign, campaigner: User, work: Any
) -> None:
    (passed,) = campaigns.pass_on(campaigner, campaign, "see t.me/kiln_room", each=False)
    path = "/h/" + passed.link.rpartition("/h/")[2]
    page = client.get(path)
    assert not Claim.objects.exists()  # a preview takes nothing
    token = page.context["token"]
    answer = client.post(path, {"token": token})
    receipt = receipt_in(answer)
    assert receipt_in(client.post(path, {"token": token})) == receipt  # reloaded
    late = client.post(path, {"token": signing.form_token()})
    assert late.context.get("gone")
    work()
    found = copies.read(receipt)
    assert found is not None
    assert Tip.objects.get().box_tag == mailbox.tag(receipt)
    assert not AuditRow.objects.filter(object__contains=receipt).exists()


def test_a_link_that_is_not_ours_takes_nothing(client: Client) -> None:
    answer = client.post("/h/" + mailbox.new_token(), {"token": signing.form_token()})
    assert answer.context["gone"]
    assert not Claim.objects.exists()


def test_a_message_written_before_the_link_was_used_can_be_read_with_the_new_receipt(
    client: Client, campaign: Campaign, campaigner: User, coordinator: User, work: Any
) -> None:
    (passed,) = campaigns.pass_on(campaigner, campaign, "see t.me/kiln_room", each=False)
    tip = Tip.objects.get()
    opening.mark_opened([tip], coordinator)
    work()
    messages.send([messages.Box(tip.box_tag, bytes(tip.mailbox_key))], "Where was it?", coordinator)
    link = passed.link.rpartition("/h/")[2]
    receipt = claims.claim(link, signing.form_token())
    work()
    assert receipt is not None
    assert [line.text for line in messages.of_box(receipt).lines] == ["Where was it?"]


def test_nothing_is_stored_if_one_message_cannot_be(campaign: Campaign, campaigner: User) -> None:
    with pytest.raises(NotAllowed):
        campaigns.pass_on(campaigner, campaign, "  ", each=False)
    with pytest.raises(NotAllowed):
        campaigns.pass_on(campaigner, campaign, "x" * 70_000, each=False)
    assert not Tip.objects.exists()
    assert not HandOver.objects.exists()


def test_a_campaigner_sees_the_own_campaigns_and_nothing_else(
    campaigner_client: Client, campaign: Campaign, coordinator: User
) -> None:
    campaigns.create(coordinator, "other", "Somebody else's")
    page = campaigner_client.get("/console/campaigns/")
    assert b"Clay week" in page.content
    assert b"Somebody else" not in page.content
    assert campaigner_client.get("/console/campaigns/other/").status_code == 404
    assert campaigner_client.get("/console/figures/campaigns/other/").status_code == 404
    for path in (
        "/console/",
        "/console/figures/",
        "/console/outbox/",
        "/console/approvals/",
        "/console/calls/",
    ):
        assert campaigner_client.get(path).status_code in (302, 404), path
    assert (
        campaigner_client.post("/console/campaigns/new/", {"name": "mine", "title": "x"}).status_code == 404
    )


def test_the_campaigner_passes_on_in_the_console(campaigner_client: Client, campaign: Campaign) -> None:
    answer = campaigner_client.post("/console/campaigns/clay-week/pass-on/", {"text": "see t.me/kiln_room"})
    assert answer.status_code == 200
    assert b"/h/" in answer.content
    again = campaigner_client.get("/console/campaigns/clay-week/")
    assert b"/h/" not in again.content  # shown once


def test_the_poster_and_the_code_hold_the_link(campaigner_client: Client, campaign: Campaign) -> None:
    poster = campaigner_client.get("/console/campaigns/clay-week/poster/")
    assert b"<svg" in poster.content
    assert poster.content.count(b"http://localhost:8000/c/clay-week") >= 4  # once, and in three languages
    code = campaigner_client.get("/console/campaigns/clay-week/qr.png")
    assert code["Content-Type"] == "image/png"
    assert code.content.startswith(b"\x89PNG")


def test_totals_hide_small_numbers_and_the_last_week(
    campaign: Campaign, campaigner: User, tip: Any, work: Any
) -> None:
    for n in range(4):
        tip(f"see t.me/kiln_room_{n}", campaign_id=campaign.pk)
    assert totals(campaign)["tips"] == {"few": True}
    for n in range(4, 9):
        tip(f"see t.me/kiln_room_{n} https://kiln{n}.example.org", campaign_id=campaign.pk)
    work()
    assert totals(campaign)["tips"] == {"n": 9}
    assert totals(campaign)["in_cases"] == {"few": True}  # they came today
    assert totals(campaign, timezone.now() + timedelta(days=8))["in_cases"] == {"n": 9}
    assert campaign_for(campaigner, "clay-week") == campaign


@pytest.mark.parametrize(
    ("role", "home"),
    [("campaigner", "/console/campaigns/"), ("analyst", "/console/cases/"), ("administrator", "/console/switches/"),
     ("auditor", "/console/figures/")],
)  # fmt: skip
def test_each_role_begins_where_it_works(db: None, role: str, home: str) -> None:
    User.objects.create_user(username="cleo", password="correct horse battery", role=role)
    client = Client()
    answer = client.post("/console/login/", {"username": "cleo", "password": "correct horse battery"})
    assert answer["Location"] == home
    assert client.get(home).status_code == 200


def test_a_campaigner_imports_the_export_of_a_chat_and_a_second_time_adds_nothing(
    campaigner_client: Client, campaign: Campaign
) -> None:
    export = b"[20/11/2026, 21:03:00] Mo: see t.me/kiln_room\n[20/11/2026, 21:04:00] Jo: and t.me/clay_room\n"
    for new, known in ((2, 0), (0, 2)):
        file = SimpleUploadedFile("chat.txt", export, "text/plain")
        data = {"file": file, "format": "whatsapp", "timezone": "Europe/Paris", "date_order": "dmy"}
        answer = campaigner_client.post("/console/campaigns/clay-week/import/", data)
        assert answer.status_code == 200
        summary = answer.context["summary"]
        assert (summary.new, summary.known, summary.rejected) == (new, known, 0)
    tips = Tip.objects.filter(campaign=campaign)
    assert tips.count() == 2 and {tip.taken_by for tip in tips} == {campaign.owner}
    assert not HandOver.objects.exists()


def test_what_cannot_be_imported_is_said_and_nothing_is_stored(
    campaigner_client: Client, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "/console/campaigns/clay-week/import/"
    without_zone = SimpleUploadedFile("chat.txt", b"[20/11/2026, 21:03:00] Mo: see t.me/kiln_room\n")
    answer = campaigner_client.post(page, {"file": without_zone, "format": "whatsapp", "date_order": "dmy"})
    assert answer.status_code == 400 and b"have no time zone" in answer.content
    assert campaigner_client.post(page, {"format": "whatsapp"}).status_code == 400
    unknown = SimpleUploadedFile("chat.txt", b"see t.me/kiln_room")
    assert campaigner_client.post(page, {"file": unknown, "format": "film"}).status_code == 400
    monkeypatch.setattr(uploads.KeepText, "MOST", 10)
    long = SimpleUploadedFile("chat.txt", b"see t.me/kiln_room and more")
    assert campaigner_client.post(page, {"file": long, "format": "paste"}).status_code == 400
    assert not Tip.objects.exists()


def test_an_import_needs_the_token_of_its_form(campaigner: User, campaign: Campaign) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(campaigner)
    file = SimpleUploadedFile("chat.txt", b"see t.me/kiln_room")
    answer = client.post("/console/campaigns/clay-week/import/", {"file": file, "format": "paste"})
    assert answer.status_code == 403 and not Tip.objects.exists()
