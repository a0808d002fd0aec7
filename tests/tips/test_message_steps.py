"""The worker notes what reporters wrote, and tells a left address that a message waits; nothing more."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest
from django.utils import timezone

from tocsin.audit.models import AuditRow
from tocsin.lib import sealing, signing
from tocsin.post.models import Message as Mail
from tocsin.tips import announcing, keeping, message_steps, messages
from tocsin.tips.accept import Incoming, accept
from tocsin.tips.messages import TEXT, Box
from tocsin.tips.models import Message, Tip

pytestmark = pytest.mark.django_db


def send(contact: str = "", text: str = "The shop kiln.example.org again", **fields: Any) -> tuple[str, Tip]:
    (accepted,) = accept([Incoming(text=text, contact=contact, **fields)])
    return accepted.receipt, Tip.objects.get(public_id=accepted.public_id)


def run() -> int:
    return message_steps.messages(100)


def test_a_message_is_noted_once_on_every_tip_of_its_mailbox() -> None:
    receipt, tip = send()
    _other, second = send(box=receipt)
    _apart, third = send()
    messages.write_in(receipt, signing.form_token(), TEXT, "Behind the blue door.")
    assert run() == 1 and run() == 0
    message = Message.objects.get()
    assert message.applied_at is not None and message.read_at is None
    for one in (tip, second, third):
        one.refresh_from_db()
    assert tip.wrote_at == second.wrote_at == message.at and third.wrote_at is None
    assert AuditRow.objects.filter(action="tip.wrote").count() == 2


def test_an_older_message_that_is_applied_later_does_not_turn_the_time_back() -> None:
    receipt, tip = send()
    for _ in range(2):
        messages.write_in(receipt, signing.form_token(), TEXT, "Behind the blue door.")
    older, newer = Message.objects.order_by("pk")
    Message.objects.filter(pk=older.pk).update(at=newer.at - timedelta(days=3))
    Message.objects.filter(pk=newer.pk).update(applied_at=timezone.now())
    Tip.objects.update(wrote_at=newer.at)
    run()
    tip.refresh_from_db()
    assert tip.wrote_at == newer.at


def mails() -> list[Any]:
    return [
        message_from_bytes(sealing.open_bytes(row.content_sealed), policy=SMTP)
        for row in Mail.objects.order_by("pk")
    ]


def test_a_left_address_is_told_once_that_a_message_is_there_and_nothing_else(analyst: Any) -> None:
    receipt, tip = send("ada@example.org", text="The shop kiln.example.org is open and the door is blue")
    message_steps.messages(100)
    Tip.objects.update(language="en")
    messages.send([Box.of(tip)], "Which street is it?", analyst)
    assert run() == 1
    Message.objects.update(
        announced_at=None
    )  # killed after the mail was queued: it is queued once all the same
    run()
    (mail,) = mails()
    assert mail["To"] == "ada@example.org" and mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "There is a message for you" and mail["Content-Language"] == "en"
    whole = mail.as_string()
    for secret in ("street", "kiln", receipt, receipt[:5], tip.public_id, tip.box_tag):
        assert secret not in whole
    assert "/status" in mail.get_content()
    assert Message.objects.get().announced_at is not None


def test_the_mail_is_in_the_tips_language_or_in_all_of_ours(analyst: Any) -> None:
    assert announcing.languages_for("zh") == ["zh-hans"]
    assert announcing.languages_for("fr") == ["fr"]
    assert announcing.languages_for("")[:2] == ["en", "fr"] == announcing.languages_for("xx")[:2]


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("mail: ada@example.org.", "ada@example.org"),
        ("<ada@example.org>", "ada@example.org"),
        ("+33 6 39 98 12 34", ""),
        ("ada@example.org or ravi@example.org", ""),
        ("@ada", ""),
        ("ada@example.org\r\nBcc: ravi@example.com", ""),
        ("", ""),
    ],
)
def test_only_one_plain_address_is_written_to(contact: str, address: str) -> None:
    assert announcing.address_in(contact) == address


def test_without_an_address_the_message_just_waits(analyst: Any) -> None:
    _receipt, tip = send("+33 6 39 98 12 34")
    messages.send([Box.of(tip)], "Which street is it?", analyst)
    assert run() == 1 and run() == 0
    assert not Mail.objects.exists()


def test_a_reporter_who_wrote_within_thirty_days_keeps_the_tip() -> None:
    receipt, tip = send()
    now = timezone.now()
    assert not keeping.keeps(tip)
    messages.write_in(receipt, signing.form_token(), TEXT, "Behind the blue door.")
    assert keeping.keeps(tip), "also before the worker took note"
    run()
    assert keeping.keeps(tip) and not keeping.deletable(Tip.objects.all()).exists()
    assert keeping.keeps(tip, now + timedelta(days=29))
    assert not keeping.keeps(tip, now + timedelta(days=31))
    assert list(keeping.deletable(Tip.objects.all(), now + timedelta(days=31))) == [tip]


def test_a_message_of_the_hotline_keeps_nothing(analyst: Any) -> None:
    _receipt, tip = send()
    messages.send([Box.of(tip)], "Which street is it?", analyst)
    assert not keeping.keeps(tip)


def test_another_mailboxs_message_keeps_nothing() -> None:
    receipt, _tip = send()
    _other, apart = send(text="Another shop oven.example.org")
    messages.write_in(receipt, signing.form_token(), TEXT, "Behind the blue door.")
    assert not keeping.keeps(apart)
