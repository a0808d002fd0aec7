"""The mailbox: what the holder of a receipt reads and writes, and what nobody else can."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.audit.models import AuditRow
from tocsin.lib import mailbox, receipts, sealing, signing
from tocsin.tips import messages
from tocsin.tips.accept import Incoming, accept
from tocsin.tips.messages import ASK, Box
from tocsin.tips.models import Message, ReporterCopy, Tip

pytestmark = pytest.mark.django_db
WORDS = "The kiln is behind the blue door."


@pytest.fixture
def sent() -> tuple[str, Tip]:
    (accepted,) = accept(
        [Incoming(text="The shop kiln.example.org asks for addresses", contact="a@example.org")]
    )
    return accepted.receipt, Tip.objects.get()


def post(path: str, receipt: str, **fields: str) -> Any:
    return Client(enforce_csrf_checks=True).post(path, {"receipt": receipt, **fields})


def write(receipt: str, text: str, token: str | None = None) -> Any:
    return post("/status/write", receipt, message=text, token=token or signing.form_token())


def shown(page: Any) -> str:
    return str(page.content.decode())


def test_what_the_reporter_writes_is_sealed_twice_and_read_by_both(
    sent: tuple[str, Tip], analyst: Any
) -> None:
    receipt, tip = sent
    page = write(receipt, WORDS)
    assert page.status_code == 200 and "Your message was sent." in shown(page) and WORDS in shown(page)
    assert page["Cache-Control"] == "no-store" and not page.cookies
    row = Message.objects.get()
    assert (row.outward, row.kind, row.box_tag) == (False, "text", tip.box_tag)
    assert sealing.unseal(row.sealed) == WORDS
    assert mailbox.open_copy(receipt, row.copy_sealed) == {"text": WORDS}
    for sealed in (row.sealed, row.copy_sealed):
        assert b"kiln" not in bytes(sealed)
    assert AuditRow.objects.get(action="message.received").detail == {"kind": "text"}
    assert WORDS in shown(post("/status", receipt))


def test_what_the_hotline_writes_is_read_in_the_mailbox_and_nowhere_else(
    sent: tuple[str, Tip], analyst: Any
) -> None:
    receipt, tip = sent
    assert messages.send([Box.of(tip)], "Which street is it?", analyst) == 1
    page = shown(post("/status", receipt))
    assert "Which street is it?" in page and "Hotline" in page
    assert "Which street" not in shown(post("/status", receipts.from_token("nobody")))
    assert AuditRow.objects.get(action="message.sent").actor == analyst.actor
    with pytest.raises(sealing.SealBroken):
        mailbox.open_copy("another", Message.objects.get().copy_sealed)


def test_the_receipt_stands_in_no_address_of_the_mailbox(sent: tuple[str, Tip]) -> None:
    page = shown(post("/status", sent[0]))
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', page)
    assert addresses and not any(sent[0] in address for address in addresses)
    assert page.count(f'name="receipt" value="{sent[0]}"') >= 3
    assert "<script" not in page
    for path in ("/status", "/status/write", "/status/tip", "/status/consent", "/status/receipt"):
        assert sent[0] not in shown(Client().get(path, {"receipt": sent[0]}))


def test_a_reload_sends_nothing_twice(sent: tuple[str, Tip]) -> None:
    token = signing.form_token()
    pages = [write(sent[0], WORDS, token) for _ in range(2)]
    assert all("Your message was sent." in shown(page) for page in pages)
    assert Message.objects.count() == 1
    assert AuditRow.objects.filter(action="message.received").count() == 1


def test_the_same_form_with_other_words_keeps_the_first_and_gives_the_second_back(
    sent: tuple[str, Tip],
) -> None:
    token = signing.form_token()
    write(sent[0], WORDS, token)
    page = write(sent[0], "Something else", token)
    assert page.status_code == 409 and "Something else" in shown(page)
    assert Message.objects.count() == 1
    again = re.search(r'status/write".*?name="token" value="([^"]*)"', shown(page), re.S)
    assert again
    assert "Your message was sent." in shown(write(sent[0], "Something else", again[1]))
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "token", "status"),
    [
        ("  \u200b ", None, 400),
        ("x" * (messages.MAX_CHARACTERS + 1), None, 413),
        (WORDS, "forged", 403),
        (WORDS, signing.form_token(0), 403),
    ],
)
def test_what_cannot_be_taken_is_given_back(
    sent: tuple[str, Tip], text: str, token: str | None, status: int
) -> None:
    page = write(sent[0], text, token)
    assert page.status_code == status
    assert "Not sent yet" in shown(page) and text.strip() in shown(page)
    assert not Message.objects.exists()


def test_another_site_cannot_write_in_a_readers_name(sent: tuple[str, Tip]) -> None:
    fields = {"receipt": sent[0], "message": WORDS, "token": signing.form_token()}
    page = Client().post("/status/write", fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 403 and not Message.objects.exists()


@pytest.mark.parametrize("path", ["/status/write", "/status/consent", "/status/tip", "/status/receipt"])
def test_a_wrong_receipt_opens_and_stores_nothing(sent: tuple[str, Tip], path: str) -> None:
    page = post(
        path,
        receipts.from_token("nobody"),
        message=WORDS,
        text=WORDS,
        answer="yes",
        token=signing.form_token(),
    )
    assert "We cannot find this receipt." in shown(page)
    assert not Message.objects.exists() and Tip.objects.count() == 1


def test_unknown_receipts_cost_as_much_as_known_ones_also_for_messages(
    sent: tuple[str, Tip], analyst: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages.send([Box.of(sent[1])], "Which street is it?", analyst)
    real, opened = sealing.open_bytes, list[int]()

    def counted(sealed: bytes, private: bytes | None = None) -> bytes:
        opened.append(len(bytes(sealed)))
        return real(sealed, private)

    monkeypatch.setattr(sealing, "open_bytes", counted)
    work = []
    for receipt in (sent[0], receipts.from_token("nobody")):
        opened.clear()
        with CaptureQueriesContext(connection) as queries:
            post("/status", receipt)
        work.append((len(queries), list(opened)))
    assert work[0] == work[1] == (3, work[0][1])


def test_a_mailbox_opens_a_bounded_number_of_messages_and_leads_to_the_older_ones(
    sent: tuple[str, Tip], analyst: Any
) -> None:
    for number in range(messages.SHOWN + 2):
        messages.send([Box.of(sent[1])], f"Word number {number:03}.", analyst)
    first = shown(post("/status", sent[0]))
    assert first.count("Word number") == messages.SHOWN
    assert "Word number 000." not in first and "Older messages" in first
    older = shown(post("/status", sent[0], skip=str(messages.SHOWN)))
    assert older.count("Word number") == 2 and "Word number 000." in older and "Newest messages" in older
    for nonsense in ("x", "-1", "9" * 30, "²"):
        assert shown(post("/status", sent[0], skip=nonsense)).count("Word number") in (0, messages.SHOWN)


def test_another_tip_is_read_in_the_same_mailbox(sent: tuple[str, Tip]) -> None:
    page = post(
        "/status/tip", sent[0], identifier="oven.example.org", text="Again.", token=signing.form_token()
    )
    assert "Your tip was added to this mailbox." in shown(page)
    assert shown(page).count('class="stepper"') == 2
    second = Tip.objects.order_by("pk")[1]
    assert second.box_tag == sent[1].box_tag and second.mailbox_tag != sent[1].mailbox_tag
    assert ReporterCopy.objects.filter(box_tag=sent[1].box_tag).count() == 2
    blank = post("/status/tip", sent[0], identifier="", text="", token=signing.form_token())
    assert blank.status_code == 400 and Tip.objects.count() == 2


def test_hostile_text_stays_text(sent: tuple[str, Tip]) -> None:
    page = shown(write(sent[0], "<b>bold</b> \u202eback https://kiln.example.org"))
    assert "&lt;b&gt;bold" in page and "[U+202E]" in page
    assert 'href="https://kiln' not in page


def test_a_picture_written_as_text_is_cut_out_of_a_message(sent: tuple[str, Tip]) -> None:
    write(sent[0], "Look: data:image/png;base64," + "iVBORw0KGgo" * 40)
    assert "iVBORw0KGgo" not in sealing.unseal(Message.objects.get().sealed)


def test_consent_is_asked_and_answered_in_the_mailbox_and_may_be_changed(
    sent: tuple[str, Tip], analyst: Any, work: Any
) -> None:
    receipt, tip = sent
    assert "May your contact go to the police?" not in shown(post("/status", receipt))
    post("/status/consent", receipt, answer="yes", token=signing.form_token())
    assert not Message.objects.exists(), "nobody asked"
    assert messages.ask_consent([tip], "", analyst) == 1
    assert "May your contact go to the police?" in shown(post("/status", receipt))
    for answer, consent in (("yes", "yes"), ("no", "no")):
        page = post("/status/consent", receipt, answer=answer, token=signing.form_token())
        assert "Your answer was sent." in shown(page)
        work()
        tip.refresh_from_db()
        assert tip.contact_consent == consent and tip.consent_at is not None
    said = AuditRow.objects.filter(action="tip.consent").order_by("pk").values_list("detail", flat=True)
    assert list(said) == [{"consent": "yes"}, {"consent": "no"}]


def test_consent_is_asked_only_where_a_contact_was_left(analyst: Any, tip: Any) -> None:
    from tocsin.accounts.foureyes import NotAllowed

    with pytest.raises(NotAllowed, match="No contact was left"):
        messages.ask_consent([tip("Without a contact: kiln.example.org")], "", analyst)
    assert not Message.objects.filter(kind=ASK).exists()


def test_the_receipt_can_be_taken_as_a_signed_text(sent: tuple[str, Tip]) -> None:
    file = post("/status/receipt", sent[0])
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="receipt.txt"'
    text = shown(file)
    assert receipts.grouped(sent[0]) in text and "HMAC-SHA-256: " in text and "Received: 20" in text

    def check(content: str) -> str:
        return shown(Client().post("/status/check", {"file": content}))

    assert "The hotline made this file" in check(text)
    assert "The hotline made this file" in check(text.replace("\n", "\r\n") + "\n")
    assert "did not make this file" in check(text.replace(receipts.grouped(sent[0])[:5], "AAAAA"))
    assert "did not make this file" in check("anything")


def test_nobody_is_written_to_where_nobody_holds_a_receipt(analyst: Any) -> None:
    from tocsin.accounts.foureyes import NotAllowed

    accept([Incoming(text="Imported: kiln.example.org", source="chat", quiet=True)])
    with pytest.raises(NotAllowed, match="Nobody holds a receipt"):
        messages.send([Box.of(Tip.objects.get())], "Which street?", analyst)
    assert not Message.objects.exists()


def test_a_form_sent_twice_by_the_hotline_writes_once(sent: tuple[str, Tip], analyst: Any) -> None:
    sent_counts = [messages.send([Box.of(sent[1])], "Which street?", analyst, token="one") for _ in range(2)]
    assert sent_counts == [1, 0] and Message.objects.count() == 1


def test_wrong_receipts_make_their_own_network_wait(sent: tuple[str, Tip]) -> None:
    from tocsin.tips import flood

    def ask(address: str, receipt: str) -> Any:
        return Client(REMOTE_ADDR=address).post("/status", {"receipt": receipt})

    most = flood.LIMITS["receipts.network"].most
    for number in range(most):
        assert ask("198.51.100.7", receipts.from_token(str(number))).status_code == 200
    assert ask("198.51.100.7", sent[0]).status_code == 429
    assert "stepper" in shown(ask("203.0.113.7", sent[0]))
