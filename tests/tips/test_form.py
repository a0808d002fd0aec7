"""The public form: what a reporter meets."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tocsin.lib import receipts, sealing, signing
from tocsin.tips.accept import MAX_BYTES
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
SHOP = "The pottery shop at kiln.example.org asks for home addresses"


@pytest.fixture
def visitor() -> Client:
    """A browser that checks CSRF as a real one is checked."""
    return Client(enforce_csrf_checks=True)


def token_of(page: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def receipt_of(page: Any) -> str:
    groups = re.search(r'<p class="receipt"[^>]*>(.*?)</p>', page.content.decode())
    assert groups, page.content.decode()
    return re.sub(r"<[^>]+>|\s", "", groups[1])


def text_of(page: Any) -> str:
    """What the narrative's box holds, as a browser would read it."""
    return box_of(page, "text")


def box_of(page: Any, name: str) -> str:
    import html

    found = re.search(
        rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', page.content.decode(), re.DOTALL
    )
    assert found
    return html.unescape(found[1])


def send(visitor: Client, headers: dict[str, str] | None = None, **fields: str) -> Any:
    fields.setdefault("token", signing.form_token())
    return visitor.post("/", fields, headers=headers or {"Sec-Fetch-Site": "same-origin"})


def test_the_form_asks_for_the_identifier_first_and_sets_no_cookie(visitor: Client) -> None:
    page = visitor.get("/")
    body = page.content.decode()
    fields = re.findall(r'<(?:textarea|select|input)[^>]* name="(\w+)"', body)
    visible = [name for name in dict.fromkeys(fields) if name not in ("lang", "token")]
    assert visible == ["identifier", "text", "danger", "place", "where", "what", "about", "contact"]
    assert "Never download or keep a file in order to report it: the address is enough." in body
    assert "Address, name or number of the account, group or site" in body
    assert page["Cache-Control"] == "no-store"
    assert not page.cookies and not visitor.cookies
    scripts = re.findall(r'<script src="/static/(\w+)\.js" defer></script>', body)
    assert scripts == ["form", "app"] and body.count("<script") == 2, "small comforts of ours, nothing inline"
    assert " style=" not in body and 'type="file"' not in body
    assert 'class="exit" href="https://www.wikipedia.org/"' in body


def test_the_answer_to_a_tip_is_its_receipt_without_redirect_or_cookie(visitor: Client) -> None:
    page = send(
        visitor,
        text=SHOP,
        danger="unsure",
        where="shop",
        what="contact",
        place="CN",
        contact="lucie@x.example",
    )
    assert page.status_code == 200
    receipt = receipt_of(page)
    assert receipts.normalise(receipt) == receipt
    assert page["Cache-Control"] == "no-store" and not page.cookies
    tip = Tip.objects.get()
    assert sealing.unseal(tip.narrative_sealed) == SHOP
    assert (tip.source, tip.danger, tip.where, tip.what, tip.place) == (
        "web",
        "unsure",
        "shop",
        "contact",
        "CN",
    )


def test_a_double_click_a_reload_and_a_retry_give_the_same_page(visitor: Client) -> None:
    token = token_of(visitor.get("/"))
    pages = [send(visitor, text=SHOP, token=token) for _ in range(3)]
    assert len({page.content for page in pages}) == 1
    assert receipt_of(pages[0]) == receipts.from_token(token)
    assert Tip.objects.count() == 1


def test_a_text_changed_after_sending_is_not_lost(visitor: Client) -> None:
    token = token_of(visitor.get("/"))
    first = send(visitor, text=SHOP, token=token)
    page = send(visitor, text=SHOP + " and toys", token=token)
    assert page.status_code == 409 and text_of(page) == SHOP + " and toys"
    again = send(visitor, text=SHOP + " and toys", token=token_of(page))
    assert receipt_of(again) != receipt_of(first)
    assert Tip.objects.count() == 2


@pytest.mark.parametrize(
    ("identifier", "text", "stored"),
    [
        ("kiln.example.org", "", "kiln.example.org"),
        (" @kiln_7 \r\n", "  they sell bowls", "@kiln_7\n\n  they sell bowls"),
        ("@kiln_7\r\n@oven_8", "two shops", "@kiln_7\r\n@oven_8\n\ntwo shops"),
        ("  \u200b", " as it was ", " as it was "),
    ],
)
def test_the_two_boxes_become_one_text(visitor: Client, identifier: str, text: str, stored: str) -> None:
    receipt_of(send(visitor, identifier=identifier, text=text))
    assert sealing.unseal(Tip.objects.get().narrative_sealed) == stored


def test_both_boxes_come_back_as_they_were_typed(visitor: Client) -> None:
    page = send(visitor, token="foreign", identifier=" @kiln_7 ", text=SHOP)
    assert (box_of(page, "identifier"), text_of(page)) == (" @kiln_7 ", SHOP)


def test_both_boxes_together_may_not_be_too_long(visitor: Client) -> None:
    page = send(visitor, identifier="@kiln_7", text="x" * (MAX_BYTES - 5))
    assert page.status_code == 413 and Tip.objects.count() == 0


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b"])
def test_a_blank_form_is_told_kindly_and_not_stored(visitor: Client, text: str) -> None:
    page = send(visitor, text=text, contact="lucie@x.example", danger="yes")
    assert page.status_code == 400
    assert 'href="#id_identifier"' in page.content.decode()
    assert "Please write a few words or paste an address" in page.content.decode()
    assert "lucie@x.example" in page.content.decode()
    assert 'value="yes" checked' in page.content.decode()
    assert Tip.objects.count() == 0


def test_words_without_any_identifier_are_kept(visitor: Client) -> None:
    receipt_of(send(visitor, text="somebody waits near the school gate"))
    assert Tip.objects.count() == 1


def test_200_kb_are_refused_with_the_size_said_and_the_text_kept(visitor: Client) -> None:
    text = "landscape " * 20_000
    page = send(visitor, text=text)
    assert page.status_code == 413
    assert "200,000 bytes" in page.content.decode() and "65,536" in page.content.decode()
    assert text_of(page) == text
    assert Tip.objects.count() == 0
    receipt_of(send(visitor, text=text[:MAX_BYTES], token=token_of(page)))


def test_an_old_form_comes_back_with_its_text_and_a_fresh_token(visitor: Client) -> None:
    old = signing.form_token(now=time.time() - signing.DAY - 60)
    page = send(visitor, text=SHOP, token=old)
    assert page.status_code == 403 and "more than a day" in page.content.decode()
    assert text_of(page) == SHOP and Tip.objects.count() == 0
    receipt_of(send(visitor, text=SHOP, token=token_of(page)))
    assert Tip.objects.count() == 1


def test_a_receipt_page_reloaded_after_days_shows_its_receipt_again(visitor: Client) -> None:
    from tocsin.tips.accept import Incoming, accept

    old = signing.form_token(now=time.time() - 3 * signing.DAY)
    (accepted,) = accept([Incoming(text=SHOP, token=old)])
    assert receipt_of(send(visitor, text=SHOP, token=old)) == accepted.receipt
    assert send(visitor, text=SHOP + "!", token=old).status_code == 403
    assert Tip.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x", "a.b.c", signing.form_token()[:-1] + "x", "é.ü.ß"])
def test_a_foreign_token_is_refused_with_the_text_kept(visitor: Client, token: str) -> None:
    page = send(visitor, text=SHOP, token=token)
    assert page.status_code == 403 and text_of(page) == SHOP
    assert signing.form_token_state(token_of(page)) == "good"
    assert Tip.objects.count() == 0


@pytest.mark.parametrize(
    ("headers", "stored"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://testserver"}, True),
        ({"X-Other": "neither header: an old browser"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_a_form_sent_by_another_site_is_not_stored(
    visitor: Client, headers: dict[str, str], stored: bool
) -> None:
    page = send(visitor, headers, text=SHOP)
    assert Tip.objects.count() == int(stored)
    assert page.status_code == (200 if stored else 403)
    if not stored:
        assert text_of(page) == SHOP


def test_a_file_is_refused_kindly_and_the_text_kept(visitor: Client) -> None:
    picture = SimpleUploadedFile("landscape.png", b"\x89PNG not really", "image/png")
    page = visitor.post("/", {"token": signing.form_token(), "file": picture, "text": SHOP})
    assert page.status_code == 415 and "Files are not taken" in page.content.decode()
    assert text_of(page) == SHOP
    assert Tip.objects.count() == 0


def test_a_lone_surrogate_in_an_encoded_form_is_stored_as_sent(visitor: Client) -> None:
    body = f"token={signing.form_token()}&text=half%20%ED%A0%BD%20pair%20{quote('哈')}"
    page = visitor.post("/", body, content_type="application/x-www-form-urlencoded")
    receipt_of(page)
    assert sealing.unseal(Tip.objects.get().narrative_sealed) == "half \ud83d pair 哈"


def test_control_characters_and_markup_come_back_inert(visitor: Client) -> None:
    text = "\n</textarea><script>alert(1)</script> \u202egnp.exe \x07 \ud83d"
    body = "token=foreign&text=" + quote(text.encode("utf-8", "surrogatepass"))
    page = visitor.post("/", body, content_type="application/x-www-form-urlencoded")
    assert "<script>" not in page.content.decode()
    assert text_of(page) == text.replace("\ud83d", "\ufffd")


def test_a_very_long_contact_is_refused_with_everything_kept(visitor: Client) -> None:
    page = send(visitor, text=SHOP, contact="a" * 1001)
    assert page.status_code == 400 and 'id="id_contact_error"' in page.content.decode()
    assert "a" * 1001 in page.content.decode() and text_of(page) == SHOP
    assert Tip.objects.count() == 0


def test_the_address_of_the_visitor_is_nowhere_in_the_database(visitor: Client) -> None:
    from django.apps import apps

    visitor.post("/", {"token": signing.form_token(), "text": SHOP}, REMOTE_ADDR="198.51.100.77")
    assert Tip.objects.count() == 1
    for model in apps.get_models():
        for row in model._default_manager.values():
            assert "198.51.100.77" not in repr(row)


def test_known_and_unknown_identifiers_get_the_same_answer(visitor: Client, work: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    send(visitor, text=SHOP)
    work()
    answers = []
    for text in (SHOP, SHOP.replace("kiln", "oven")):
        with CaptureQueriesContext(connection) as queries:
            page = send(visitor, text=text)
        groups = receipt_groups(page)
        hidden = (
            page.content.decode()
            .replace(groups, "")
            .replace("".join(re.findall(r"<span>(\w{5})</span>", groups)), "")
        )
        answers.append((hidden, [query["sql"].split("(")[0].split(' "s')[0] for query in queries]))
    assert answers[0] == answers[1]


def receipt_groups(page: Any) -> str:
    found = re.search(r'<p class="receipt"[^>]*>.*?</p>', page.content.decode())
    assert found
    return found[0]


def test_methods_other_than_get_and_post_are_refused(visitor: Client) -> None:
    assert visitor.put("/").status_code == 405
    assert visitor.head("/").status_code == 200


@pytest.mark.parametrize(("code", "words"), [("fr", 'lang="fr"'), ("zh-hans", 'lang="zh-hans"')])
def test_a_chosen_language_stays_after_sending(visitor: Client, code: str, words: str) -> None:
    assert words in visitor.get(f"/?lang={code}").content.decode()
    assert f"<html {words}" in send(visitor, text=SHOP, lang=code).content.decode()
    assert f"<html {words}" in send(visitor, text="", lang=code).content.decode()


def test_the_menus_speak_the_readers_language(visitor: Client) -> None:
    assert "Où l&#x27;avez-vous vu" in visitor.get("/?lang=fr").content.decode()
    assert "您在哪里看到的" in visitor.get("/?lang=zh-hans").content.decode()
