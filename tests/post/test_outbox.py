"""The outbox: a row first, one Message-ID, retries with pauses, permanent errors loud, the exact bytes only."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from unittest import mock

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from tocsin.lib import sealing
from tocsin.post import outbox, queries
from tocsin.post.models import Message
from tocsin.post.steps import send

pytestmark = pytest.mark.django_db

CONTENT = (
    b"Message-ID: <one@hotline.example>\r\nFrom: notices@hotline.example\r\nTo: abuse@platform.example\r\n"
    b"Subject: Notice T-1\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nA text.\r\n"
)


class Moody:
    """A mail server that answers what the test tells it to."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.taken: list[bytes] = []
        self.senders: list[str] = []
        self.to_senders = "250 fine"

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.to_senders.startswith("250"):
            envelope.mail_from = address
            self.senders.append(address)
        return self.to_senders

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self.answers.pop(0) if self.answers else "250 fine"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(bytes(envelope.content))
        return "250 taken"


@pytest.fixture
def mail(settings: Any) -> Iterator[Moody]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Moody()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", port
    yield handler
    controller.stop()


def test_without_a_mail_server_everything_waits() -> None:
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    assert send(10) == 0
    assert queries.waiting_count() == 1


def test_the_same_key_is_queued_once() -> None:
    first = outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    assert outbox.queue("dispatch:a", "abuse@platform.example", CONTENT) == first
    assert Message.objects.count() == 1


@pytest.mark.parametrize("header", [b"Message-ID", b"From", b"To", b"Subject"])
def test_a_message_without_its_headers_is_refused(header: bytes) -> None:
    lines = [line for line in CONTENT.split(b"\r\n") if not line.startswith(header)]
    with pytest.raises(outbox.NotAMessage):
        outbox.queue("dispatch:a", "abuse@platform.example", b"\r\n".join(lines))


def test_a_message_arrives_with_its_id_and_a_date(mail: Moody) -> None:
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    assert send(10) == 1
    letter = message_from_bytes(mail.taken[0], policy=default)
    assert letter["Message-ID"] == "<one@hotline.example>"
    assert letter["Date"]
    assert Message.objects.get().state == "sent"
    assert send(10) == 0


def test_only_an_automatic_answer_leaves_with_an_empty_return_path(mail: Moody, settings: Any) -> None:
    answer = CONTENT.replace(b"one@", b"two@").replace(b"Subject", b"Auto-Submitted: auto-replied\r\nSubject")
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    outbox.queue("tip-mail:a", "rosa@walk.example", answer)
    assert send(10) == 2
    assert sorted(str(sender) for sender in mail.senders) == ["<>", settings.MAIL_FROM]


def test_a_soft_refusal_is_tried_again_with_the_same_bytes(mail: Moody) -> None:
    mail.answers = ["451 later"]
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    assert send(10) == 1
    row = Message.objects.get()
    assert (row.state, row.attempts, row.failure) == (
        "queued",
        1,
        "The mail server refused the recipient (SMTP 451).",
    )
    assert send(10) == 0, "not before its next try"
    with mock.patch("django.utils.timezone.now", return_value=row.next_try_at + timedelta(seconds=1)):
        assert send(10) == 1
    assert Message.objects.get().state == "sent"


def test_a_hard_refusal_is_final_and_counted_without_the_address(mail: Moody) -> None:
    mail.answers = ["550 no such user"]
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    send(10)
    row = Message.objects.get()
    assert row.state == "failed"
    assert "platform" not in row.failure
    assert queries.failed_count() == 1


def test_a_server_that_refuses_us_rather_than_the_message_is_no_final_error(mail: Moody) -> None:
    mail.to_senders = "530 sign in first"
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    assert send(10) == 1
    row = Message.objects.get()
    assert (row.state, row.failure) == ("queued", "The mail server answered SMTP 530.")
    assert queries.failed_count() == 0


def test_a_server_that_is_away_is_no_final_error(settings: Any) -> None:
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", 9
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    send(10)
    assert Message.objects.get().state == "queued"


def test_a_claimed_message_is_left_alone_until_its_lease_ends(mail: Moody) -> None:
    row = outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    Message.objects.filter(pk=row.pk).update(lease_until=timezone.now() + timedelta(minutes=5))
    assert send(10) == 0
    Message.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert send(10) == 1


def test_bytes_that_changed_in_the_database_are_not_sent(mail: Moody) -> None:
    row = outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    Message.objects.filter(pk=row.pk).update(content_sealed=sealing.seal_bytes(CONTENT + b"more"))
    send(10)
    assert mail.taken == []
    assert Message.objects.get().state == "failed"


def test_urgent_messages_go_first(mail: Moody) -> None:
    outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    outbox.queue("dispatch:b", "police@city.example", CONTENT.replace(b"one@", b"two@"), urgent=True)
    assert send(1) == 1
    assert b"two@hotline.example" in mail.taken[0]


def test_address_and_body_are_sealed_in_the_row() -> None:
    row = outbox.queue("dispatch:a", "abuse@platform.example", CONTENT)
    row.refresh_from_db()
    stored = bytes(row.address_sealed) + bytes(row.content_sealed)
    assert b"platform" not in stored
    assert b"A text" not in stored
