"""The exact bytes of notices and referrals: what is in them, and what never is. No database."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit

import pytest
import xarf as library

from tocsin.directory.models import Recipient
from tocsin.dispatch import render, xarf
from tocsin.dispatch.categories import CATEGORIES, category
from tocsin.dispatch.places import Place
from tocsin.identifiers.models import Identifier
from tocsin.lib.inert import inert

WHEN = datetime(2026, 11, 20, 8, 30, 15, 999, tzinfo=UTC)
LINK = "http://localhost:8000/r/0123456789abcdef.69000000.fedcba9876543210"
ITEMS = [
    ("account", "weibo", "uid:6660077001"),
    ("group", "qq", "718820333"),
    ("account", "wechat", "binghua_2016"),
    ("email", "email", "casting@binghua.example.com"),
    ("site", "web", "album-lake.example.com"),
    ("url", "web", "album-lake.example.com/list?page=2"),
    ("phone", "phone", "+33639980123"),
    ("payment", "alipay", "club-fee@pay.example.com"),
]


def draft(
    triples: Sequence[tuple[str, str, str]] = ITEMS, kind: str = "notice", language: str = "en", **more: Any
) -> render.Draft:
    rows = [
        render.Item(f"item{n:08d}", Identifier(kind=k, platform=p, canonical=c, strength="strong"))
        for n, (k, p, c) in enumerate(triples)
    ]
    recipient = Recipient(key="desk", name="Weibo safety desk", kind="provider", languages=["zh"])
    base = render.Draft(
        kind=kind, recipient=recipient, reference="T-7K3QM0XD", language=language, items=rows,
        category=category("recruiting"), urgent=False, words="", link=LINK,
        expires=datetime(2027, 2, 18, tzinfo=UTC), when=WHEN, order="police_first", place=Place("harbin", "CN"),
    )  # fmt: skip
    return replace(base, **more)


def parts(content: bytes) -> list[Message]:
    return list(message_from_bytes(content, policy=SMTP).walk())


def documents(content: bytes) -> list[dict[str, Any]]:
    found = [part for part in parts(content) if part.get_content_type() == "application/json"]
    return [json.loads(bytes(part.get_payload(decode=True))) for part in found]


def test_the_same_draft_gives_the_same_bytes() -> None:
    assert render.mime(draft(), "desk@weibo-desk.example") == render.mime(draft(), "desk@weibo-desk.example")


def test_a_notice_is_a_feedback_report_with_text_header_and_one_document_an_item() -> None:
    content = render.mime(draft(), "desk@weibo-desk.example")
    message = message_from_bytes(content, policy=SMTP)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "feedback-report"
    kinds = [part.get_content_type() for part in message.get_payload()]  # type: ignore[union-attr]
    assert kinds == ["text/plain", "message/feedback-report", *["application/json"] * len(ITEMS)]
    assert b"Feedback-Type: xarf" in content


def test_a_message_can_be_queued_and_passes_any_mail_server() -> None:
    content = render.mime(draft(language="zh-hans"), "desk@weibo-desk.example")
    message = message_from_bytes(content, policy=SMTP)
    assert all(message[name] for name in ("Message-ID", "From", "To", "Subject"))
    assert message["Date"] is None and message["Content-Language"] == "zh-hans"
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) < 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_message_id_stands_on_the_reference_and_the_link() -> None:
    first = message_from_bytes(render.mime(draft(), "a@desk.example"), policy=SMTP)["Message-ID"]
    again = message_from_bytes(render.mime(draft(link=LINK + "0"), "a@desk.example"), policy=SMTP)[
        "Message-ID"
    ]
    assert re.fullmatch(r"<t-7k3qm0xd\.[0-9a-f]{8}@[\w.]+>", str(first).strip())
    assert first != again


@pytest.mark.parametrize("code", sorted(CATEGORIES))
@pytest.mark.parametrize("triple", ITEMS)
def test_every_document_passes_the_schema_and_our_own_checks(code: str, triple: tuple[str, str, str]) -> None:
    identifier = Identifier(kind=triple[0], platform=triple[1], canonical=triple[2], strength="strong")
    found = xarf.document(identifier, "item00000000", "T-7K3QM0XD", category(code), WHEN)
    result = library.parse(found)
    assert result.errors == []
    assert found["category"] == "content"
    assert found["type"] in ("csam", "csem")
    assert found["timestamp"] == "2026-11-20T08:30:15Z"
    assert urlsplit(found["url"]).scheme
    assert not {"evidence", "_internal"} & set(found)


def test_the_schema_check_can_fail() -> None:
    identifier = Identifier(kind="site", platform="web", canonical="a.example.com", strength="strong")
    found = xarf.document(identifier, "item00000000", "T-7K3QM0XD", category("material"), WHEN)
    assert library.parse({key: value for key, value in found.items() if key != "classification"}).errors


def test_what_has_a_web_address_carries_it_exactly_and_only_in_the_json() -> None:
    found = {
        row["source_identifier"]: row["url"] for row in documents(render.mime(draft(), "a@desk.example"))
    }
    assert found["album-lake.example.com/list?page=2"] == "https://album-lake.example.com/list?page=2"
    assert found["uid:6660077001"] == "https://weibo.com/u/6660077001"
    assert found["casting@binghua.example.com"] == "mailto:casting@binghua.example.com"
    assert found["+33639980123"] == "tel:+33639980123"


def test_the_text_holds_nothing_to_click_but_our_own_link() -> None:
    for kind in ("notice", "referral"):
        for language in ("en", "fr", "zh-hans"):
            written = render.text(
                draft(kind=kind, language=language, words="see https://pots.example.com/a or b@c.example")
            )
            rest = written.replace(LINK, "").replace("notices@hotline.example", "")
            assert "://" not in rest.replace("hxxps://", "")
            assert "example.com" not in rest
            assert "@" not in rest
            assert "album-lake[.]example[.]com/list?page=2" in rest


def test_a_notice_never_tells_of_police_or_of_how_it_was_found() -> None:
    content = render.mime(draft(), "desk@weibo-desk.example")
    told = " ".join(
        [render.text(draft()), json.dumps(documents(content)), str(render.subject(draft()))]
    ).lower()
    for word in ("police", "harbin", "reporter wrote", "a tip", "tips", "user_report", "referral"):
        assert word not in told, word


def test_a_notice_says_what_the_law_asks_for() -> None:
    written = render.text(draft())
    for piece in (
        "T-7K3QM0XD",
        "recruiting",
        "good faith",
        "Preserve the data",
        "Tocsin demonstration hotline",
        LINK,
    ):
        assert piece in written


def test_own_words_stand_in_the_text_made_inert_and_in_no_document_of_a_notice() -> None:
    notice = draft(words="The catalogue at HTTPS://pots.example.com/x costs 3.50; ask 198.51.100.7.")
    content = render.mime(notice, "a@desk.example")
    assert "HxxPS://pots[.]example[.]com/x costs 3.50; ask 198[.]51[.]100[.]7." in render.text(notice)
    assert "catalogue" not in json.dumps(documents(content))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://a.example/b", "hxxps://a[.]example/b"),
        ("ftp://a.example", "ftp[://]a[.]example"),
        ("www.pots.example.com", "www[.]pots[.]example[.]com"),
        ("kiln@pots.example", "kiln[at]pots[.]example"),
        ("陶瓷.example", "陶瓷[.]example"),
        ("333 yuan, 50.5 yuan. Then more.", "333 yuan, 50.5 yuan. Then more."),
        ("hxxps://a[.]example", "hxxps://a[.]example"),
    ],
)
def test_words_are_made_inert(written: str, shown: str) -> None:
    assert inert(written) == shown


def test_a_referral_is_text_and_one_document_with_exact_locations() -> None:
    referral = draft(kind="referral", words="He says that he works for a shop.")
    content = render.mime(referral, "desk@harbin-police.example")
    (found,) = documents(content)
    assert (found["schema"], found["version"]) == ("tocsin.referral", 1)
    assert found["reference"] == "T-7K3QM0XD"
    assert found["place"] == {"city": "harbin", "country": "CN"}
    assert found["words"] == "He says that he works for a shop."
    located = {row["canonical"]: row["location"] for row in found["items"]}
    assert located["album-lake.example.com/list?page=2"] == "https://album-lake.example.com/list?page=2"
    assert located["binghua_2016"] is None
    assert message_from_bytes(content, policy=SMTP).get_content_type() == "multipart/mixed"
    assert "You are told first" in render.text(referral)
    assert "You are told first" not in render.text(replace(referral, order="together"))


def test_the_letter_shown_is_read_from_the_exact_bytes() -> None:
    notice = draft()
    letter = render.read(render.mime(notice, "desk@weibo-desk.example"))
    assert letter.text == render.text(notice)
    assert dict(letter.headers)["To"].endswith("<desk@weibo-desk.example>")
    assert len(letter.parts) == len(ITEMS)


def test_a_recipient_is_written_to_in_its_first_language_that_we_write() -> None:
    for languages, expected in ((["zh"], "zh-hans"), (["de", "fr"], "fr"), (["de"], "en"), ([], "en")):
        assert render.language_of(Recipient(languages=languages)) == expected


def test_names_of_recipients_cannot_add_headers_or_addresses() -> None:
    bad = Recipient(key="x", name='Desk", evil@example.com, "\r\nBcc: a@b.example', languages=[])
    try:
        message = message_from_bytes(render.mime(draft(recipient=bad), "a@desk.example"), policy=SMTP)
    except ValueError:
        return  # refused: as good
    assert [one.addr_spec for one in message["To"].addresses] == ["a@desk.example"]
    assert message["Bcc"] is None
