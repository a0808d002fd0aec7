""" "I was reported": one answer for everybody, and a handler who was not involved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.lib import mailbox, sealing, signing
from tocsin.post.models import Message as Mail
from tocsin.tips import objections
from tocsin.tips.models import Message, Objection, ReporterCopy, Tip

pytestmark = pytest.mark.django_db
WORDS = "My pottery shop kiln.example.org was reported, and that is a mistake."


def make_user(name: str, role: str) -> User:
    return User.objects.create_user(name, role=role)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(text: str = WORDS, token: str | None = None, **fields: str) -> Any:
    data = {"text": text, "token": token or signing.form_token(), **fields}
    return Client(enforce_csrf_checks=True).post("/objection", data)


def receipt_on(page: Any) -> str:
    card = re.search(r'class="receipt".*?</p>', page.content.decode(), re.S)
    assert card, page.content.decode()
    return "".join(re.findall(r"<span>(\w+)</span>", card[0]))


def test_an_objection_is_sealed_joins_nothing_and_has_a_mailbox() -> None:
    page = send(contact="shop@example.org")
    receipt = receipt_on(page)
    row = Objection.objects.get()
    assert row.box_tag == mailbox.tag(receipt) and not Tip.objects.exists()
    assert sealing.unseal(row.text_sealed) == WORDS and b"kiln" not in bytes(row.text_sealed)
    assert not page.cookies and page["Cache-Control"] == "no-store"
    assert AuditRow.objects.get(action="objection.received").object == f"objection:{row.public_id}"
    box = Client().post("/status", {"receipt": receipt}).content.decode()
    assert "What you wrote to us" in box and "Add another tip" not in box


def test_everybody_gets_the_same_answer_whatever_is_known(tip: Any, work: Any, analyst: Any) -> None:
    pages = []
    for known in (False, True):
        if known:
            tip("See https://kiln.example.org/sale")
            tip("Again https://kiln.example.org/sale")
            work()
        page = send()
        hidden = re.sub(r'(?s)<p class="receipt".*?</p>', "", page.content.decode())
        pages.append(hidden.replace(receipt_on(page), ""))
    assert pages[0] == pages[1]


def test_a_reload_files_it_once_and_other_words_are_given_back() -> None:
    token = signing.form_token()
    first, second = send(token=token), send(token=token)
    assert receipt_on(first) == receipt_on(second) and Objection.objects.count() == 1
    changed = send("Something else", token=token)
    assert changed.status_code == 409 and "Something else" in changed.content.decode()
    assert Objection.objects.count() == 1 and ReporterCopy.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": " "}, 400),
        ({"text": "x" * 70_000}, 413),
        ({"text": WORDS, "contact": "x" * 1001}, 400),
        ({"text": WORDS, "token": "forged"}, 403),
    ],
)
def test_what_cannot_be_taken_is_given_back(fields: dict[str, str], status: int) -> None:
    page = send(**fields)
    assert page.status_code == status and not Objection.objects.exists()
    assert fields["text"].strip() in page.content.decode()


def test_the_tip_forms_token_never_gives_the_same_mailbox() -> None:
    from tocsin.lib import receipts

    token = signing.form_token()
    assert receipt_on(send(token=token)) != receipts.from_token(token)


@pytest.fixture
def filed() -> tuple[str, Objection]:
    receipt = receipt_on(send(contact="shop@example.org"))
    return receipt, Objection.objects.get()


def test_only_who_said_not_to_be_involved_reads_and_answers(
    filed: tuple[str, Objection], coordinator: Any, work: Any
) -> None:
    receipt, row = filed
    client, page = signed_in(coordinator), f"/console/objections/{row.public_id}/"
    assert "kiln" not in client.get("/console/objections/").content.decode()
    assert "kiln" not in client.get(page).content.decode()
    client.post(f"{page}take/")
    assert Objection.objects.get().handled_by is None, "the box was not ticked"
    client.post(f"{page}answer/", {"text": "An answer"})
    assert not Message.objects.exists()
    client.post(f"{page}take/", {"not_involved": "yes"})
    assert AuditRow.objects.get(action="objection.taken").detail == {"not_involved": True}
    shown = client.get(page).content.decode()
    assert "kiln[.]example[.]org" in shown and "kiln.example.org" not in shown
    assert AuditRow.objects.filter(action="objection.read", actor=coordinator.actor).count() == 1
    client.post(f"{page}answer/", {"text": "We read it with care."})
    work()
    row.refresh_from_db()
    assert row.state == "answered"
    box = Client().post("/status", {"receipt": receipt}).content.decode()
    assert "We read it with care." in box
    assert re.search(r'aria-current="step">(?:<span[^>]*>[^<]*</span>)?Looked at', box)
    assert Mail.objects.count() == 1, "the left address is told that an answer is there"


def test_another_handler_takes_over_before_reading(filed: tuple[str, Objection], coordinator: Any) -> None:
    objections.take(filed[1], coordinator, not_involved=True)
    boss = make_user("bo", "administrator")
    page = f"/console/objections/{filed[1].public_id}/"
    assert "kiln" not in signed_in(boss).get(page).content.decode()
    with pytest.raises(NotAllowed):
        objections.answer(Objection.objects.get(), "An answer", boss)
    objections.take(filed[1], boss, not_involved=True)
    with pytest.raises(NotAllowed):
        objections.text_of(Objection.objects.get(), coordinator)


def test_writing_again_opens_it_again(filed: tuple[str, Objection], coordinator: Any, work: Any) -> None:
    receipt, row = filed
    row = objections.take(row, coordinator, not_involved=True)
    objections.close(row, coordinator)
    fields = {"receipt": receipt, "message": "One more word", "token": signing.form_token()}
    Client().post("/status/write", fields)
    work()
    row.refresh_from_db()
    assert row.state == "opened"
    assert "new message" in signed_in(coordinator).get("/console/objections/").content.decode()


@pytest.mark.parametrize("role", ["analyst", "reviewer", "auditor", "campaigner"])
def test_casework_does_not_see_objections(filed: tuple[str, Objection], role: str) -> None:
    client = signed_in(make_user("nora", role))
    assert client.get("/console/objections/").status_code == 404
    assert client.get(f"/console/objections/{filed[1].public_id}/").status_code == 404
    with pytest.raises(NotAllowed):
        objections.take(filed[1], make_user("nils", role), not_involved=True)
