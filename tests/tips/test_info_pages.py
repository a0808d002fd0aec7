"""The quiet pages: there in every language, with the hotline's own words and look, and nothing from elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.server.checks import the_hotlines_look_can_be_used
from tocsin.tips import info, legal

pytestmark = pytest.mark.django_db
STATEMENTS = ("privacy", "imprint", "accessibility")


@pytest.mark.parametrize("language", ["en", "fr", "zh-hans", "ar"])
@pytest.mark.parametrize("name", sorted(info.PAGES))
def test_every_page_is_there_in_every_language(client: Client, name: str, language: str) -> None:
    answer = client.get(f"/about/{name}?lang={language}")
    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.content.decode()[:200]
    assert ('dir="rtl"' in answer.content.decode()[:200]) is (language == "ar")
    assert not answer.cookies


def test_an_unknown_page_is_not_found(client: Client) -> None:
    assert client.get("/about/nothing").status_code == 404
    assert client.get("/about/..%2f..%2fetc").status_code == 404


def test_the_footer_leads_to_every_page(client: Client) -> None:
    page = client.get("/?lang=fr").content.decode()
    for name in info.PAGES:
        assert f'href="/about/{name}?lang=fr"' in page
    for name in (*STATEMENTS, "helplines", "objection"):
        assert f'href="/{name}?lang=fr"' in page
    assert (
        "/about/" not in client.get("/r/forged").content.decode()
    )  # a recipient's page is nobody else's business


def test_numbers_of_a_country_come_first_when_asked_for(client: Client) -> None:
    page = client.get("/helplines?country=fr&lang=en").content.decode()
    assert page.index("tel:17") < page.index('class="lines"')
    assert "2026-" in page  # the date of the data
    assert client.get("/helplines?country=%3Cscript%3E").status_code == 200


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_are_filled_from_the_settings(client: Client, settings: Any, name: str) -> None:
    settings.ORGANISATION, settings.ORGANISATION_ADDRESS = "Kiln Association", "1 Clay Street | Pottersville"
    settings.ORGANISATION_CONTACT = "office@kiln.example"
    page = client.get(f"/{name}").content.decode()
    assert "office@kiln.example" in page
    if name == "imprint":
        assert "Kiln Association" in page
        assert "Pottersville" in page


def test_a_hotlines_own_words_replace_ours_in_its_languages_only(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "privacy.fr.txt").write_text("Nos <mots>.\n\nUn second\nparagraphe.", encoding="utf-8")
    settings.PAGES_DIR = tmp_path
    page = client.get("/privacy?lang=fr").content.decode()
    assert "<p>Nos &lt;mots&gt;.</p>" in page
    assert "<p>Un second paragraphe.</p>" in page
    assert "sealed" in client.get("/privacy?lang=en").content.decode()


def test_security_txt_says_where_to_write_and_until_when(client: Client, settings: Any) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "security@kiln.example"
    for path in ("/.well-known/security.txt", "/security.txt"):
        lines = dict(line.split(": ", 1) for line in client.get(path).content.decode().splitlines())
        assert lines["Contact"] == "mailto:security@kiln.example"
        expires = datetime.fromisoformat(lines["Expires"].replace("Z", "+00:00"))
        assert timedelta(days=30) < expires - timezone.now() < timedelta(days=366)  # RFC 9116, 2.5.5


def test_a_colour_that_can_be_read_makes_a_style_sheet(client: Client, settings: Any) -> None:
    settings.COLOUR = "#7a1f5c"
    assert '<link rel="stylesheet" href="/theme.css">' in client.get("/").content.decode()
    assert "--accent:#7a1f5c" in client.get("/theme.css").content.decode()
    assert the_hotlines_look_can_be_used() == []


@pytest.mark.parametrize("colour", ["red", "#fff", "#ffcc00", "#7a1f5c;}", "javascript:1"])
def test_a_colour_that_cannot_be_read_is_refused_at_start(settings: Any, colour: str) -> None:
    settings.COLOUR = colour
    assert [problem.id for problem in the_hotlines_look_can_be_used()] == ["tocsin.E005"]


@pytest.mark.parametrize("colour", ["#14606b", "#7a1f5c", "#004488", "#333333"])
def test_the_dark_colour_is_readable_too(colour: str) -> None:
    assert legal.contrast(legal.mixed(colour, "#ffffff", 0.6), "#11181b") >= 4.5


def test_a_logo_is_a_small_harmless_picture(client: Client, settings: Any, tmp_path: Path) -> None:
    assert client.get("/logo").status_code == 404
    good = tmp_path / "logo.svg"
    good.write_text('<svg xmlns="http://www.w3.org/2000/svg"><circle r="3"/></svg>')
    settings.LOGO = good
    answer = client.get("/logo")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert '<img src="/logo"' in client.get("/").content.decode()
    for name, text in {
        "a.svg": "<svg><script>1</script></svg>",
        "b.svg": '<svg><a href="https://elsewhere.example"/></svg>',
        "c.gif": "GIF89a",
        "d.png": "x" * 200_000,
    }.items():
        settings.LOGO = tmp_path / name
        settings.LOGO.write_text(text)
        assert client.get("/logo").status_code == 404
        assert [problem.id for problem in the_hotlines_look_can_be_used()] == ["tocsin.E005"]
    settings.LOGO = tmp_path / "missing.svg"
    assert the_hotlines_look_can_be_used()


def test_the_console_speaks_its_own_languages_only(analyst_client: Client) -> None:
    page = analyst_client.get(
        "/console/?lang=ar", headers={"accept-language": "ar"}, follow=True
    ).content.decode()
    assert '<html lang="en"' in page
    assert 'hreflang="ar"' not in page
    assert 'hreflang="ar"' in analyst_client.get("/").content.decode()
