"""The form as an app, and the pages about screenshots and pictures."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from tocsin.lib import signing
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
ADDRESS = "https://kiln.example.org/sale"


def box(page: Any, name: str) -> str:
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', page.content.decode(), re.S)
    assert found
    return html.unescape(found[1])


def share(**fields: Any) -> Any:
    return Client(enforce_csrf_checks=True).post("/share", fields)


def test_the_manifest_names_the_hotline_and_icons_that_exist() -> None:
    from django.contrib.staticfiles import finders

    with override_settings(HOTLINE_NAME="Kiln hotline"):
        page = Client().get("/manifest.webmanifest")
    assert page["Content-Type"] == "application/manifest+json"
    found = json.loads(page.content)
    assert found["name"] == "Kiln hotline" and found["scope"] == "/" and found["display"] == "standalone"
    for icon in found["icons"]:
        raw = Path(str(finders.find(icon["src"].removeprefix("/static/")))).read_bytes()
        width, height = int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")
        assert f"{width}x{height}" == icon["sizes"]


def test_what_the_manifest_promises_to_take_is_what_the_share_page_reads() -> None:
    target = json.loads(Client().get("/manifest.webmanifest").content)["share_target"]
    assert (target["method"], target["enctype"]) == ("POST", "multipart/form-data")
    names = {key: value for key, value in target["params"].items() if key != "files"}
    page = Client().post(
        target["action"], {names["title"]: "Bowls", names["text"]: "look", names["url"]: ADDRESS}
    )
    assert (box(page, "identifier"), box(page, "text")) == (ADDRESS, "Bowls\n\nlook")


@pytest.mark.parametrize(
    ("shared", "identifier", "text"),
    [
        ({"url": ADDRESS}, ADDRESS, ""),
        ({"text": ADDRESS}, ADDRESS, ""),
        ({"title": "Bowls", "text": f"Look: {ADDRESS}"}, ADDRESS, f"Bowls\n\nLook: {ADDRESS}"),
        ({"title": "Bowls", "text": "Bowls"}, "", "Bowls"),
        ({"title": ADDRESS, "url": ADDRESS, "text": "the shop"}, ADDRESS, "the shop"),
        ({}, "", ""),
    ],
)
def test_shared_words_fill_the_two_boxes(shared: dict[str, str], identifier: str, text: str) -> None:
    page = share(**shared)
    assert page.status_code == 200 and page["Cache-Control"] == "no-store" and not page.cookies
    assert (box(page, "identifier"), box(page, "text")) == (identifier, text)
    assert Tip.objects.count() == 0, "sharing sends nothing: the person does"


def test_a_shared_tip_is_sent_by_the_ordinary_form_and_known_as_shared() -> None:
    page = share(url=ADDRESS)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode()))
    assert 'action="/"' in page.content.decode()
    assert (
        Client().post("/", {**hidden, "identifier": box(page, "identifier"), "text": ""}).status_code == 200
    )
    assert Tip.objects.get().source == "share"


def test_nobody_chooses_another_source_by_the_hidden_field() -> None:
    Client().post("/", {"token": signing.form_token(), "text": "bowls", "via": "phone"})
    assert Tip.objects.get().source == "web"


def test_without_the_worker_the_server_throws_a_shared_file_away_unread() -> None:
    picture = SimpleUploadedFile("landscape.png", b"\x89PNG not really", "image/png")
    page = share(files=picture, text=f"see {ADDRESS}")
    assert page.status_code == 415
    assert "The file was not taken: it was thrown away unread." in page.content.decode()
    assert (box(page, "identifier"), box(page, "text")) == (ADDRESS, f"see {ADDRESS}")


def test_the_worker_says_that_a_file_stayed_on_the_phone() -> None:
    page = share(text="see it", refused="here")
    assert page.status_code == 200
    assert "it did not leave your device" in page.content.decode()
    assert "The file was not taken" not in share(text="see it", refused="<b>").content.decode()


def test_shared_markup_is_inert() -> None:
    page = share(text="</textarea><script>alert(1)</script>", url='"><script>')
    assert "<script>" not in page.content.decode()


def test_the_worker_is_ours_small_current_and_reaches_the_whole_door_but_not_the_console() -> None:
    page = Client().get("/worker.js")
    code = page.content.decode()
    assert page["Content-Type"].startswith("text/javascript") and page["Cache-Control"] == "no-cache"
    assert len(page.content) <= 3000
    assert '"/static/door.css"' in code and '"/offline"' in code and '"/share"' in code
    assert 'startsWith("/console/")' in code
    assert "worker-src 'self'; manifest-src 'self'" in Client().get("/")["Content-Security-Policy"]


def test_without_a_connection_there_is_still_somebody_to_call() -> None:
    with override_settings(HOTLINE_COUNTRY="FR"):
        body = Client().get("/offline").content.decode()
    assert "nothing was sent" in body and "Call the police now" in body and 'href="tel:' in body


@pytest.mark.parametrize("path", ["/screenshot", "/no-pictures", "/app"])
def test_the_pages_about_files_are_read_without_scripts_and_lead_to_the_form(path: str) -> None:
    page = Client().get(path)
    body = page.content.decode()
    assert page.status_code == 200 and not page.cookies
    assert 'class="button" href="/?lang=en"' in body
    assert 'type="file"' not in body and "<img" not in body, "line pictures of our own, in the page"


def test_the_form_leads_to_the_pages_about_screenshots_and_pictures() -> None:
    body = Client().get("/").content.decode()
    assert 'href="/screenshot?lang=en"' in body and 'href="/no-pictures?lang=en"' in body


def too_much(**headers: str) -> Any:
    body = "token=x&text=" + "landscape+" * 230_000
    return Client().post("/", body, content_type="application/x-www-form-urlencoded", headers=headers)


def test_more_than_two_megabytes_are_refused_in_a_clear_sentence() -> None:
    page = too_much()
    assert page.status_code == 413 and Tip.objects.count() == 0
    assert "Nothing was stored. Go back: your text should still be there." in page.content.decode()


def test_the_refusal_speaks_the_readers_language() -> None:
    assert '<html lang="fr"' in too_much(**{"Accept-Language": "fr"}).content.decode()


def test_a_thousand_fields_are_refused_in_the_same_way() -> None:
    fields = {f"field{number}": "x" for number in range(600)}
    assert Client().post("/", fields).status_code == 413
    assert Client().post("/", "&".join(f"{name}=x" for name in fields),
                         content_type="application/x-www-form-urlencoded").status_code == 413  # fmt: skip


def test_a_hundred_and_one_pictures_are_refused_in_the_same_way() -> None:
    files = [SimpleUploadedFile(f"landscape-{number}.png", b"\x89PNG", "image/png") for number in range(101)]
    page = share(files=files, text="bowls")
    assert page.status_code == 413 and "Nothing was stored" in page.content.decode()


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("multipart/form-data", b"text=bowls", 400),  # no boundary
        ("multipart/form-data; boundary=", b"--\r\n", 400),
        ("multipart/form-data; boundary=x", b"", 403),  # nothing in it: no token of ours
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n--y--", 403),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nbowls", 403),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nbowls\r\n--x--", 403),
        ("image/png", b"\x89PNG", 403),
        ("application/json", b'{"text": "bowls"}', 403),
        ("application/x-www-form-urlencoded; charset=gb18030", b"text=bowls", 400),
    ],
)  # fmt: skip
def test_a_wrong_body_stores_nothing_and_is_answered_with_a_page(
    content_type: str, body: bytes, status: int
) -> None:
    page = Client().generic("POST", "/", body, content_type=content_type)
    assert page.status_code == status and Tip.objects.count() == 0
    text = page.content.decode()
    assert "nothing was stored" in text if status == 400 else 'name="token"' in text
    assert b"PNG" not in page.content
