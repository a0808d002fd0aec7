"""E-mail to the hotline, read from a real Dovecot: words come in, attachments never do."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from imap_servers import DOVECOT, PASSWORD, Dovecot, Proxy, dovecot

from tocsin.lib import mailbox, receipts, sealing
from tocsin.lib.models import StepFailure
from tocsin.post.models import Message
from tocsin.tips.mail import poll as visits
from tocsin.tips.mail import steps
from tocsin.tips.mail.connection import Unreachable
from tocsin.tips.models import MailAnswer, MailSeen, Mention, ReporterCopy, Tip

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DOVECOT, reason="dovecot-imapd is missing: tests/needs.sh installs it"),
]
NUMBERS = count(1)
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 200  # the first bytes of a JPEG, and a pattern


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


class Box:
    """One tip mailbox, and the proxy through which the worker reads it."""

    def __init__(self, server: Dovecot, proxy: Proxy, user: str) -> None:
        self.server, self.proxy, self.user = server, proxy, user

    def deliver(self, *mails: EmailMessage | bytes) -> None:
        self.server.deliver(self.user, *(m if isinstance(m, bytes) else m.as_bytes() for m in mails))

    @property
    def left(self) -> list[bytes]:
        return self.server.left(self.user)


@pytest.fixture
def box(server: Dovecot, settings: Any) -> Iterator[Box]:
    proxy = Proxy(server.port)
    user = f"tips{next(NUMBERS)}"
    settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "127.0.0.1", proxy.port, "none"
    settings.IMAP_USER, settings.IMAP_PASSWORD = user, PASSWORD
    settings.IMAP_ADDRESS = "tips@hotline.example"
    yield Box(server, proxy, user)
    proxy.close()


def mail(
    text: str = "A shop sells copied vases.", sender: str = "Rosa <rosa@walk.example>", **headers: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "tips@hotline.example"
    message["Subject"] = headers.pop("Subject", "A shop")
    message["Date"] = headers.pop("Date", "Mon, 23 Nov 2026 10:00:00 +0800")
    message["Message-ID"] = headers.pop("MessageID", f"<m{next(NUMBERS)}@walk.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def with_picture(text: str = "The vase is at shop.example.", **headers: str) -> EmailMessage:
    message = mail(text, **headers)
    message.add_attachment(PICTURE, maintype="image", subtype="jpeg", filename="vase.jpg")
    return message


def narrative(tip: Tip) -> str:
    return sealing.unseal(tip.narrative_sealed)


def answers() -> list[EmailMessage]:
    return [
        message_from_bytes(sealing.open_bytes(row.content_sealed), policy=default)
        for row in Message.objects.order_by("pk")
    ]


def words_of(answer: EmailMessage) -> str:
    return str(answer.get_content())


def test_a_mail_becomes_a_sealed_tip_and_leaves_the_mailbox(box: Box) -> None:
    box.deliver(mail("The account is @clay.pots on the photo site."))
    assert visits.poll(50) == 1
    tip = Tip.objects.get()
    assert tip.source == "email"
    assert narrative(tip) == "A shop\n\nThe account is @clay.pots on the photo site."
    assert sealing.unseal(tip.contact_sealed) == sealing.unseal(tip.sender_sealed) == "rosa@walk.example"
    assert tip.occurred_at == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert not tip.time_doubtful
    assert timezone.now() - tip.received_at < timedelta(hours=1)
    assert box.left == []
    assert visits.poll(50) == 0


def test_the_answer_tells_the_receipt_that_opens_the_mailbox(box: Box) -> None:
    sent = mail()
    box.deliver(sent)
    visits.poll(50)
    (answer,) = answers()
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["To"] == "rosa@walk.example"
    assert answer["Reply-To"] == "Tocsin demonstration hotline <tips@hotline.example>"
    assert answer["In-Reply-To"] == answer["References"] == sent["Message-ID"]
    assert "vase" not in answer.as_string(), "neither words nor subject are quoted"
    (line,) = [line for line in words_of(answer).splitlines() if line.startswith("Your receipt:")]
    receipt = receipts.normalise(line.partition(":")[2]) or ""
    tip = Tip.objects.get()
    assert mailbox.tag(receipt) == tip.mailbox_tag
    assert ReporterCopy.objects.filter(tag=tip.mailbox_tag).exists()


def test_a_hotline_may_keep_receipts_out_of_mail(box: Box, settings: Any) -> None:
    settings.MAIL_RECEIPT = False
    box.deliver(mail())
    visits.poll(50)
    assert "eceipt" not in words_of(answers()[0])
    assert not ReporterCopy.objects.exists(), "a receipt that nobody has needs no copy"


def test_no_byte_of_an_attachment_reaches_the_process(box: Box) -> None:
    encoded = base64.encodebytes(PICTURE).replace(b"\n", b"\r\n")
    box.deliver(with_picture())
    assert visits.poll(50) == 1
    came_in = bytes(box.proxy.came_in)
    assert b"The vase is at shop.example." in came_in
    assert PICTURE[:6] not in came_in
    for start in range(0, len(encoded) - 16, 8):
        assert encoded[start : start + 16] not in came_in
    assert len(came_in) < 4_000 < len(encoded)


def test_a_mail_with_a_picture_is_answered_and_removed_even_where_mails_are_kept(
    box: Box, settings: Any
) -> None:
    settings.IMAP_AFTER = "keep"
    box.deliver(with_picture(Subject="with a picture"), mail(Subject="words only", sender="ben@walk.example"))
    assert visits.poll(50) == 2
    assert box.left == [b"words only"]
    pictured, plain = answers()
    assert "Do not send pictures" in words_of(pictured)
    assert "Your text was kept" in words_of(pictured)
    assert "pictures" not in words_of(plain)
    assert MailSeen.objects.get(pictures=1).result == "tip"
    assert visits.poll(50) == 0, "a kept mail is taken once"
    with box.server.signed_in(box.user) as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "SEEN")[1] == [b"1"]


def test_a_mail_of_fifty_megabytes_is_never_fetched_whole(box: Box) -> None:
    line = b"Q" * 76 + b"\r\n"
    big = (
        b"From: rosa@walk.example\r\nSubject: big\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nA short word.\r\n"
        b"--b\r\nContent-Type: video/mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n" + line * 330_000
        + b"--b\r\nContent-Type: text/plain\r\n\r\n" + b"long line of clay\r\n" * 1_400_000 + b"--b--\r\n"
    )  # fmt: skip
    assert len(big) > 50_000_000
    box.deliver(big)
    assert visits.poll(50) == 1
    text = narrative(Tip.objects.get())
    assert text.startswith("big\n\nA short word.\n\nlong line of clay\nlong line")
    assert text.endswith("[the mail was longer; it is cut here]")
    assert len(text.encode()) <= 65_536
    assert len(box.proxy.came_in) < 75_000
    assert b"QQQQQQQQ" not in box.proxy.came_in
    assert "only its beginning was kept" in words_of(answers()[0])


def test_text_that_is_attached_as_a_file_is_not_fetched_either(box: Box) -> None:
    message = mail()
    message.add_attachment("kept on my disk " * 9, filename="notes.txt")
    box.deliver(message)
    visits.poll(50)
    assert b"kept on my disk" not in box.proxy.came_in
    assert MailSeen.objects.get().pictures == 1


def test_a_picture_that_calls_itself_text_is_not_stored(box: Box) -> None:
    message = mail("Look at this vase.")
    message.make_mixed()
    part = EmailMessage()
    part["Content-Type"] = "text/plain; charset=utf-8"
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(PICTURE).decode())
    message.attach(part)
    box.deliver(message)
    visits.poll(50)
    assert narrative(Tip.objects.get()) == "A shop\n\nLook at this vase."
    assert MailSeen.objects.get().pictures == 1
    assert len(box.proxy.came_in) < 4_000, "a taste is enough to leave the rest where it is"
    assert "Do not send pictures" in words_of(answers()[0])


def test_html_alone_is_reduced_to_words_and_addresses(box: Box) -> None:
    message = EmailMessage()
    message["From"] = "rosa@walk.example"
    message.set_content(
        "<head><title>x</title><style>p{}</style></head><p>See&nbsp;<a href='https://shop.example/vase'>this shop</a>"
        "<script>var a</script><br>or <b>@clay</b></p>", subtype="html",
    )  # fmt: skip
    box.deliver(message)
    visits.poll(50)
    assert narrative(Tip.objects.get()) == "See this shop <https://shop.example/vase>\nor @clay"


def test_html_beside_plain_text_is_fetched_only_where_the_plain_text_is_blank(box: Box) -> None:
    both, blank = mail("Plain words."), mail(" \n", sender="ben@walk.example")
    both.add_alternative("<p>Marked words.</p>", subtype="html")
    blank.add_alternative("<p>The words are here.</p>", subtype="html")
    box.deliver(both, blank)
    visits.poll(50)
    first, second = Tip.objects.order_by("pk")
    assert narrative(first) == "A shop\n\nPlain words."
    assert narrative(second) == "A shop\n\nThe words are here."
    assert b"Marked" not in box.proxy.came_in


def test_the_words_and_the_writer_of_a_forwarded_mail_count(box: Box) -> None:
    outer, inner = (
        mail("I was sent this:"),
        with_picture("Buy clay.", sender="seller@pots.example", Subject="Clay!"),
    )
    outer.add_attachment(inner)
    box.deliver(outer)
    visits.poll(50)
    assert narrative(Tip.objects.get()) == (
        "A shop\n\nI was sent this:\n\nFrom: seller@pots.example\nSubject: Clay!\n\nBuy clay."
    )
    assert MailSeen.objects.get().pictures == 1
    assert base64.b64encode(PICTURE)[:40] not in box.proxy.came_in


@pytest.mark.parametrize(
    ("label", "codec", "transfer"),
    [
        ("gb2312", "gb18030", "base64"), ("gb18030", "gb18030", "8bit"), ("utf-8", "utf-8", "quoted-printable"),
        ("iso-8859-1", "utf-8", "8bit"), ("us-ascii", "gb18030", "base64"), ("no-such-set", "utf-8", "base64"),
        ("utf-16", "utf-16", "base64"), ("big5", "big5", "base64"), ("", "utf-8", "8bit"), ("zlib", "utf-8", "base64"),
    ],
)  # fmt: skip
def test_character_sets_are_read_even_with_a_wrong_label(
    box: Box, label: str, codec: str, transfer: str
) -> None:
    words = "一個賣花瓶的商店在廣場旁邊" if codec == "big5" else "一家卖花瓶的商店在广场旁边"
    content = words.encode(codec)
    if transfer == "base64":
        content = base64.encodebytes(content)
    elif transfer == "quoted-printable":
        content = "".join(f"={byte:02X}" for byte in content).encode()
    box.deliver(
        b"From: =?gb2312?B?w/c=?= <rosa@walk.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=\""
        + label.encode() + b"\"\r\nContent-Transfer-Encoding: " + transfer.encode() + b"\r\n\r\n" + content + b"\r\n"
    )  # fmt: skip
    visits.poll(50)
    assert narrative(Tip.objects.get()) == words
    assert answers()[0]["Content-Language"] == "zh-hans"


def test_japanese_in_seven_bits_is_read(box: Box) -> None:
    box.deliver(
        b"From: rosa@walk.example\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n"
        + "広場の花瓶".encode("iso2022_jp")
        + b"\r\n"
    )
    visits.poll(50)
    assert narrative(Tip.objects.get()) == "広場の花瓶"


@pytest.mark.parametrize("transfer", ["base64", "quoted-printable", "8bit"])
def test_a_long_part_ends_at_a_whole_character(box: Box, transfer: str) -> None:
    message = EmailMessage()
    message["From"] = "rosa@walk.example"
    message.set_content("花瓶在广场\n" * 9_000, cte=transfer)
    box.deliver(message)
    visits.poll(50)
    text = narrative(Tip.objects.get())
    assert "\ufffd" not in text
    assert set(text) - set("花瓶在广场\n") <= set("[the mail was longer; it is cut here]")
    assert len(text) > 5_000
    assert "only its beginning was kept" in words_of(answers()[0]) or "开头" in words_of(answers()[0])


def test_the_answer_is_in_the_language_of_the_mail(box: Box) -> None:
    box.deliver(mail("Bonjour, une boutique vend des vases copiés dans la rue.", Subject="Une boutique"))
    visits.poll(50)
    assert answers()[0]["Content-Language"] == "fr"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"List_Id": "<walks.walk.example>"},
        {"List_Unsubscribe": "<https://walk.example/leave>"},
        {"X_Auto_Response_Suppress": "OOF, AutoReply"},
        {"Return_Path": "<>"},
        {"sender": "noreply@walk.example"},
        {"sender": "Postmaster <postmaster@walk.example>"},
        {"sender": "walks-request@walk.example"},
        {"sender": "tips@hotline.example"},
        {"sender": "notices@hotline.example"},
        {"sender": "undisclosed"},
    ],
)
def test_machines_and_ourselves_are_never_answered_yet_their_words_are_kept(
    box: Box, headers: dict[str, str]
) -> None:
    box.deliver(mail(**headers))
    assert visits.poll(50) == 1
    assert Tip.objects.count() == 1
    assert not Message.objects.exists()
    assert not ReporterCopy.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "no"}, {"Return_Path": "<rosa@walk.example>"}, {"Precedence": "first-class"}],
)
def test_a_person_is_answered(box: Box, headers: dict[str, str]) -> None:
    box.deliver(mail(**headers))
    visits.poll(50)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("mx.hotline.example; spf=pass; dmarc=fail (p=reject dis=none) header.from=walk.example", 0),
        ("mx.hotline.example 1; DMARC = Fail", 0),
        ("mx.hotline.example; dkim=pass; dmarc=pass header.from=walk.example", 1),
        ("mx.elsewhere.example; dmarc=fail", 1),
        ("mx.hotline.example; none", 1),
    ],
)
def test_only_our_own_server_is_believed_about_forgery(
    box: Box, settings: Any, said: str, answered: int
) -> None:
    settings.IMAP_AUTHSERV = "mx.hotline.example"
    box.deliver(mail(Authentication_Results=said))
    visits.poll(50)
    assert Message.objects.count() == answered
    tip = Tip.objects.get()
    assert sealing.unseal(tip.sender_sealed) == "rosa@walk.example"
    assert sealing.unseal(tip.contact_sealed) == ("rosa@walk.example" if answered else "")


def test_bounces_receipts_and_automatic_answers_are_no_tips(box: Box) -> None:
    bounce = (
        b"From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nCould not deliver.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n--b--\r\n"
    )
    box.deliver(bounce, mail("I am on holiday.", Auto_Submitted="auto-replied (vacation)"))
    assert visits.poll(50) == 2
    assert set(MailSeen.objects.values_list("result", flat=True)) == {"automatic"}
    assert not Tip.objects.exists()
    assert not Message.objects.exists()
    assert box.left == []


def test_a_sender_is_answered_once_a_day(box: Box) -> None:
    box.deliver(
        mail("First."), mail("Second.", sender="ROSA@walk.example"), mail("Third.", sender="ben@walk.example")
    )
    visits.poll(50)
    assert Tip.objects.count() == 3
    assert sorted(str(answer["To"]) for answer in answers()) == ["ben@walk.example", "rosa@walk.example"]
    MailAnswer.objects.update(day=timezone.now().date() - timedelta(days=1))
    box.deliver(mail("The next day."))
    visits.poll(50)
    assert Message.objects.count() == 2, "the outbox key still is today's"
    MailAnswer.objects.all().delete()


def test_old_notes_of_answers_are_forgotten(box: Box) -> None:
    MailAnswer.objects.create(sender_tag="0" * 32, day=timezone.now().date() - timedelta(days=30))
    visits.poll(50)
    assert not MailAnswer.objects.exists()


def test_a_mail_without_words_is_answered_and_is_no_tip(box: Box) -> None:
    message = EmailMessage()
    message["From"] = "rosa@walk.example"
    message.set_content(PICTURE, maintype="image", subtype="jpeg")
    box.deliver(message)
    visits.poll(50)
    assert MailSeen.objects.get().result == "empty"
    assert not Tip.objects.exists()
    assert "We found no words" in words_of(answers()[0])
    assert "Your text was kept" not in words_of(answers()[0])
    assert box.left == []


@pytest.mark.parametrize(
    ("said", "year"), [("Thu, 1 Jan 1970 00:00:00 +0000", 1970), ("Fri, 1 Jan 2100 00:00:00 +0000", 2100)]
)
def test_odd_dates_are_kept_and_marked(box: Box, said: str, year: int) -> None:
    box.deliver(mail(Date=said))
    visits.poll(50)
    tip = Tip.objects.get()
    assert tip.time_doubtful
    assert tip.occurred_at and tip.occurred_at.year == year
    assert timezone.now() - tip.received_at < timedelta(hours=1)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Subject: \x00\xff\xfe=?utf-8?B?####?= =?zlib?B?AAAA?=\r\nFrom: \x00<\x00>\r\nDate: Fri, 99 Foo 99999 99:99 +9999\r\n",
        b"From: " + b"a" * 70_000 + b"@walk.example\r\n",
        b"From: a@b@c@d <>, <<x@y.example>>\r\nMessage-ID: <a\r\n b>\r\nDate: Mon, 1 Jan 0001 00:00:00 +2359\r\n",
        b"Content-Type: foo\r\n",
        b"From: " + b"(" * 3_000 + b"\r\nReturn-Path: " + b":" * 3_000 + b"\r\n",
        b"Content-Type: text/plain; charset=\"\xff\x00\r\nContent-Transfer-Encoding: x-uuencode\r\n",
        b"MIME-Version: 1.0\r\nContent-Type: text\r\n",
        b"From: rosa@walk.example\r\nContent-Type: text/html; charset=utf-8\r\nX-Pad: " + b"<" * 60_000 + b"\r\n",
    ],
)  # fmt: skip
def test_broken_headers_lose_no_words(box: Box, block: bytes) -> None:
    box.deliver(block + b"\r\nA vase at shop.example \x00\x00 <p>\r\n")
    assert visits.poll(50) == 1
    tip = Tip.objects.get()
    assert "A vase at shop.example" in narrative(tip)
    assert "\x00" not in narrative(tip)


def test_parts_without_a_boundary_are_not_fetched_and_the_sender_is_told(box: Box) -> None:
    broken = with_picture().as_bytes().replace(b"boundary=", b"bound=")
    box.deliver(broken)
    assert visits.poll(50) == 1
    assert narrative(Tip.objects.get()) == "A shop"
    assert base64.b64encode(PICTURE)[:40] not in box.proxy.came_in
    assert "Do not send pictures" in words_of(answers()[0])


def test_a_mail_nested_a_thousand_deep_stops_nobody(box: Box) -> None:
    deep = b"From: rosa@walk.example\r\nSubject: deep\r\nMIME-Version: 1.0\r\n"
    for level in range(1000):
        deep += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    deep += b"Content-Type: text/plain\r\n\r\nAt the bottom.\r\n"
    box.deliver(deep, mail("After it."))
    assert visits.poll(50) == 2
    assert [narrative(tip)[:4] for tip in Tip.objects.order_by("pk")] == ["deep", "A sh"]


def test_the_same_mail_under_new_numbers_is_the_same_tip(box: Box, settings: Any) -> None:
    settings.IMAP_AFTER = "keep"
    box.deliver(mail())
    assert visits.poll(50) == 1
    box.server.renumber(box.user)
    assert visits.poll(50) == 1
    assert MailSeen.objects.values("uid_validity").distinct().count() == 2
    assert Tip.objects.count() == 1
    assert Message.objects.count() == 1


def test_a_known_message_id_gives_nobody_another_ones_receipt(box: Box) -> None:
    box.deliver(
        mail("Mine.", MessageID="<same@walk.example>"),
        mail("Not mine.", MessageID="<same@walk.example>", sender="eve@walk.example"),
        mail("Mine.", MessageID="<same@walk.example>", sender="eve@walk.example"),
    )
    visits.poll(50)
    assert Tip.objects.count() == 3
    first, second = (words_of(answer) for answer in answers())
    assert first.split("Your receipt:")[1][:24] != second.split("Your receipt:")[1][:24]


def test_a_visit_that_is_killed_before_removing_is_finished_by_the_next(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(with_picture(), mail(sender="ben@walk.example"))

    class Killed(BaseException):
        """As a signal would."""

    def dies(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(visits, "_tidy", dies)
        with pytest.raises(Killed):
            visits.poll(50)
    assert len(box.left) == 2
    assert Tip.objects.count() == 2
    assert visits.poll(50) == 0
    assert box.left == []
    assert Tip.objects.count() == 2
    assert Message.objects.count() == 2


def test_a_visit_that_is_killed_while_storing_leaves_nothing_behind(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(mail())

    class Killed(BaseException):
        """As a signal would."""

    def dies(*_args: object, **_more: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(MailSeen.objects, "create", dies)
        with pytest.raises(Killed):
            visits.poll(50)
    assert not Tip.objects.exists()
    assert not Message.objects.exists()
    assert len(box.left) == 1
    assert visits.poll(50) == 1
    assert Tip.objects.count() == 1


def _elsewhere(settings: Any) -> dict[str, str]:
    """The environment in which another process works on this test's database and mailbox."""
    here = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{here['NAME']}"
    else:
        url = f"postgresql://{here['USER']}:{here['PASSWORD']}@{here['HOST'] if '/' not in here['HOST'] else ''}/{here['NAME']}?"
        url += "&".join(f"{key}={here[key.upper()]}" for key in ("host", "port") if here[key.upper()])
    return os.environ | {
        "DATABASE_URL": url,
        "TOCSIN_IMAP_HOST": settings.IMAP_HOST,
        "TOCSIN_IMAP_PORT": str(settings.IMAP_PORT),
        "TOCSIN_IMAP_TLS": "none",
        "TOCSIN_IMAP_USER": settings.IMAP_USER,
        "TOCSIN_IMAP_PASSWORD": PASSWORD,
    }


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_anywhere_loses_and_doubles_nothing(box: Box, settings: Any) -> None:
    box.deliver(
        *(mail(f"Vase {number}.", sender=f"p{number}@walk.example") for number in range(4)), with_picture()
    )
    visit = "import django; django.setup(); from tocsin.tips.mail.poll import poll; poll(50)"
    for at in (b"LOGIN", b"FETCH 2 (BODYSTRUCTURE", b"FETCH 4 (BODY.PEEK[1]", b"STORE", b"EXPUNGE"):
        box.proxy.stop_at(at)
        process = subprocess.Popen([sys.executable, "-c", visit], env=_elsewhere(settings))
        assert box.proxy.stopped.wait(60), at
        process.kill()
        process.wait()
    box.proxy.stop_at(b"")
    StepFailure.objects.all().delete()
    visits.poll(50)
    assert Tip.objects.count() == 5
    assert Message.objects.count() == 5
    assert box.left == []


def test_no_more_mails_are_taken_at_once_than_asked_for(box: Box) -> None:
    box.deliver(*(mail(f"Vase {number}.") for number in range(5)))
    assert visits.poll(2) == 2
    assert visits.poll(2) == 2
    assert visits.poll(2) == 1
    assert Tip.objects.count() == 5


def test_a_visit_with_no_time_left_begins_no_mail(box: Box) -> None:
    box.deliver(mail())
    assert visits.poll(50, seconds=-1) == 0
    assert not Tip.objects.exists()


def test_the_connection_is_encrypted_and_its_certificate_is_checked(
    box: Box, server: Dovecot, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(server.tls_port)
    settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TLS = "localhost", proxy.port, "tls"
    box.deliver(mail("Nobody reads along."))
    with pytest.raises(Unreachable):
        visits.poll(50)
    monkeypatch.setenv("SSL_CERT_FILE", server.authority)
    assert visits.poll(50) == 1
    assert b"Nobody reads along" not in proxy.came_in
    assert PASSWORD.encode() not in proxy.asked
    settings.IMAP_PORT, settings.IMAP_TLS = box.proxy.port, "starttls"
    box.deliver(mail("Nor here.", sender="ben@walk.example"))
    assert visits.poll(50) == 1
    assert b"STARTTLS" in box.proxy.asked
    assert PASSWORD.encode() not in box.proxy.asked
    assert Tip.objects.count() == 2


def test_a_wrong_password_is_unreachable_and_says_nothing_of_the_account(box: Box, settings: Any) -> None:
    settings.IMAP_PASSWORD = "another"
    with pytest.raises(Unreachable) as refused:
        visits.poll(50)
    assert box.user not in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_the_step_reads_in_a_thread_and_reports_afterwards(box: Box, settings: Any, work: Any) -> None:
    settings.IMAP_EVERY_SECONDS = 3600
    box.deliver(mail("The account is @clay.pots on the photo site."))
    reader = steps.visits()
    assert reader.tick(50) == 0
    reader.wait()
    assert Tip.objects.count() == 1
    assert reader.tick(50) == 1, "what the visit did is reported once"
    assert reader.tick(50) == 0
    reader.wait()
    assert box.proxy.connections == 1, "the next visit is an hour away"
    settings.IMAP_HOST = ""
    work()
    assert [mention.identifier.canonical for mention in Mention.objects.all() if mention.identifier]


def test_without_a_host_the_step_does_nothing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.IMAP_HOST == ""
    monkeypatch.setattr(steps, "_visits", None)
    assert steps.mail(50) == 0
