"""Mail servers that stall, lie, break off or talk nonsense: they delay their own mails, and nothing else."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from imap_servers import Answer, Scripted

from tocsin.lib import sealing
from tocsin.lib.models import StepFailure
from tocsin.post.models import Message
from tocsin.tips.mail import connection, steps
from tocsin.tips.mail.connection import Unreachable
from tocsin.tips.mail.poll import poll
from tocsin.tips.models import MailSeen, Tip

pytestmark = pytest.mark.django_db
HEADERS = b"From: rosa@walk.example\r\nSubject: A shop\r\nMessage-ID: <a@walk.example>\r\n\r\n"
PLAIN = b'("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 12 1 NIL NIL NIL NIL)'
Start = Callable[..., Scripted]


@pytest.fixture
def start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 0.5)
    running: list[Scripted] = []

    def begin(answer: Answer, greeting: bytes = b"* OK ready\r\n") -> Scripted:
        server = Scripted(answer, greeting)
        running.append(server)
        settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "127.0.0.1", server.port, "none"
        settings.IMAP_USER = settings.IMAP_PASSWORD = "tips"
        return server

    yield begin
    for server in running:
        server.close()


def literal(name: str, content: bytes, uid: int = 1) -> bytes:
    return f"* {uid} FETCH (UID {uid} {name} {{{len(content)}}}\r\n".encode() + content + b")\r\n"


def fetched(command: str, structure: bytes = PLAIN, words: bytes = b"A vase.") -> bytes:
    """What an honest server answers to one of our three questions."""
    uid = int((re.search(r"FETCH (\d+)", command) or [0, 1])[1])
    if "BODYSTRUCTURE" in command:
        return f"* {uid} FETCH (UID {uid} BODYSTRUCTURE ".encode() + structure + b")\r\n"
    if "HEADER.FIELDS" in command:
        return literal("BODY[HEADER.FIELDS (FROM)]<0>", HEADERS, uid)
    section = (re.search(r"BODY.PEEK\[([^]]*)\]", command) or ["", "1"])[1]
    return literal(f"BODY[{section}]<0>", words, uid)


def narratives() -> list[str]:
    return [sealing.unseal(tip.narrative_sealed) for tip in Tip.objects.order_by("pk")]


def test_the_scripted_server_can_be_honest(start: Start) -> None:
    server = start(lambda command: fetched(command) if "FETCH" in command else b"")
    assert poll(50) == 1
    assert narratives() == ["A shop\n\nA vase."]
    assert any(command.startswith("UID EXPUNGE") for command in server.commands)
    assert not any("BODY[" in command for command in server.commands), "nothing is marked as read by reading"


def test_a_server_that_never_greets_is_left(start: Start) -> None:
    start(lambda _command: b"", greeting=b"")
    with pytest.raises(Unreachable):
        poll(50)


def test_a_port_where_nobody_listens_is_unreachable(start: Start) -> None:
    start(lambda _command: b"").close()
    with pytest.raises(Unreachable):
        poll(50)


@pytest.mark.parametrize("at", ["SEARCH", "HEADER", "BODYSTRUCTURE", "PEEK[1]", "EXPUNGE"])
def test_a_server_that_drops_in_the_middle_loses_no_mail(start: Start, at: str) -> None:
    calm = threading.Event()

    def answer(command: str) -> bytes | None:
        if at in command and not calm.is_set():
            return None
        return fetched(command) if "FETCH" in command else b""

    server = start(answer)
    try:
        poll(50)
    except Unreachable:
        assert at in ("SEARCH", "EXPUNGE")
    calm.set()
    StepFailure.objects.all().delete()  # as if the pause were over
    poll(50)
    assert narratives() == ["A shop\n\nA vase."]
    assert MailSeen.objects.count() == 1
    assert any(command.startswith("UID EXPUNGE") for command in server.commands)


def test_a_server_that_trickles_is_hung_up_on(start: Start) -> None:
    def answer(command: str) -> bytes | None:
        while "SEARCH" in command and server.said < 10_000 and not server.released.wait(0.05):
            server.say(b"*")
        return b""

    server = start(answer)
    with pytest.raises(Unreachable):
        poll(50, hang_up=1.0)
    assert server.said < 10_000, "the visit was ended from outside"


def test_a_flood_of_answers_ends_the_visit(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_VISIT_BYTES", 200_000)
    start(lambda command: b"* OK still here, wait a moment\r\n" * 20_000 if "SEARCH" in command else b"")
    with pytest.raises(Unreachable):
        poll(50)


def test_a_literal_larger_than_asked_for_is_not_read(start: Start) -> None:
    sent = threading.Event()

    def answer(command: str) -> bytes | None:
        if "PEEK[1]" in command:
            sent.set()
            return b"* 1 FETCH (UID 1 BODY[1]<0> {52428800}\r\n" + b"A" * 1000
        return fetched(command) if "FETCH" in command else b""

    start(answer)
    assert poll(50) == 0
    assert sent.is_set()
    assert StepFailure.objects.get(step="tips.mail").reason == "Unreachable"
    assert not Tip.objects.exists()


def test_more_bytes_than_asked_for_are_cut(start: Start) -> None:
    start(lambda command: fetched(command, words=b"vase " * 20_000) if "FETCH" in command else b"")
    assert poll(50) == 1
    assert len(narratives()[0]) <= 65_536


@pytest.mark.parametrize(
    "structure",
    [
        b"(" * 5_000 + b")" * 5_000,
        b"(" * 400 + PLAIN + b' "MIXED")' * 400,
        b"NIL",
        b"()",
        b'"TEXT"',
        b"(NIL NIL NIL NIL)",
        b'((NIL) "MIXED")',
        b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 3 NIL NIL 1)',
        b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 3 ("a" ((((1)))) (1 2) 3) ("TEXT" "PLAIN"))',
        b"(1 2 3 4 5 6 7 8 9 10)",
        b'("TEXT" "PLAIN" (("a") 1 "charset") NIL NIL 7 8 9 ((1)) ((((2)))))',
        b'("TEXT" "PLAIN"',
        b'"',
    ],
)  # fmt: skip
def test_a_structure_that_lies_or_breaks_stops_nothing(start: Start, structure: bytes) -> None:
    mime = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"

    def answer(command: str) -> bytes | None:
        if ".MIME" in command:
            return fetched(command, words=mime)
        return fetched(command, structure) if "FETCH" in command else b""

    start(answer)
    assert poll(50) == 1
    assert narratives()[0].startswith("A shop")
    assert poll(50) == 0


def test_a_mail_of_which_nothing_can_be_learnt_stays_for_a_person(start: Start) -> None:
    def answer(command: str) -> bytes | None:
        if "HEADER" in command or "BODYSTRUCTURE" in command or "PEEK" in command:
            return b"* 1 FETCH (UID 1 FLAGS ())\r\n"
        return b""

    server = start(answer)
    assert poll(50) == 1
    assert MailSeen.objects.get().result == "refused"
    assert not Tip.objects.exists()
    assert not Message.objects.exists()
    assert not any("EXPUNGE" in command or "STORE" in command for command in server.commands)


def test_parts_that_are_called_text_and_are_none_are_dropped(start: Start) -> None:
    start(
        lambda command: (
            fetched(command, words=b"\x89PNG\r\n\x1a\n" + bytes(500)) if "FETCH" in command else b""
        )
    )
    assert poll(50) == 1
    assert narratives() == ["A shop"]
    assert MailSeen.objects.get().pictures == 1


@pytest.mark.parametrize(
    "said",
    [
        b"* SEARCH 99999999999999999999 0 1\r\n", b"* SEARCH 1 1 1\r\n", b"* SEARCH 1 (MODSEQ 5)\r\n",
        b"* 5 EXISTS\r\n* SEARCH 1\r\n* 3 FETCH (FLAGS ())\r\n",
    ],
)  # fmt: skip
def test_odd_lists_of_mails_are_understood(start: Start, said: bytes) -> None:
    start(lambda command: said if "SEARCH" in command else fetched(command) if "FETCH" in command else b"")
    assert poll(50) == 1
    assert MailSeen.objects.get().uid == 1


@pytest.mark.parametrize(
    "said", [b"* SEARCH vase\r\n", b"hello\r\n", b"* SEARCH " + b"1 " * 600_000 + b"\r\n", b"\xff\x00\r\n"]
)
def test_nonsense_ends_the_visit_and_not_the_worker(
    start: Start, said: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMAP_EVERY_SECONDS = 3600
    server = start(lambda command: said if "SEARCH" in command else b"")
    reader = steps.visits()
    assert reader.tick(50) == 0
    reader.wait()
    assert reader.tick(50) == 0, "the next visit is later"
    reader.wait()
    assert len([command for command in server.commands if "SEARCH" in command]) == 1


def test_a_mail_that_breaks_every_visit_does_not_stop_the_others(start: Start) -> None:
    def answer(command: str) -> bytes | None:
        if "SEARCH" in command:
            return b"* SEARCH 1 2\r\n"
        return None if "FETCH 1 " in command else fetched(command) if "FETCH" in command else b""

    start(answer)
    assert poll(50) == 0, "the connection was cut at the first mail"
    assert poll(50) == 1, "which now waits, while the second is read"
    assert MailSeen.objects.get().uid == 2
    assert StepFailure.objects.get().attempts == 1


def test_a_mail_that_vanishes_in_between_is_no_failure(start: Start) -> None:
    start(lambda command: b"* 9 FETCH (UID 9 FLAGS ())\r\n" if "FETCH" in command else b"")
    assert poll(50) == 1
    assert not StepFailure.objects.exists()
    assert not MailSeen.objects.exists()


def test_times_of_arrival_that_cannot_be_are_not_believed(start: Start) -> None:
    from django.utils import timezone

    def answer(command: str) -> bytes | None:
        if "HEADER" in command:
            return literal('INTERNALDATE "01-Jan-2100 00:00:00 +0000" BODY[HEADER.FIELDS (FROM)]<0>', HEADERS)
        return fetched(command) if "FETCH" in command else b""

    start(answer)
    assert poll(50) == 1
    assert Tip.objects.get().received_at <= timezone.now()
