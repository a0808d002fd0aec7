"""A child in danger, or a person who writes about herself: the right number at once, and again on the receipt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from tocsin.lib import places, signing
from tocsin.server import settings as server

pytestmark = pytest.mark.django_db
CSS = (Path(server.BASE) / "static" / "door.css").read_text(encoding="utf-8")


def numbers(page: Any, css: str) -> list[str]:
    body = page.content.decode()
    lines = re.findall(rf'<p class="phone {css}">(.*?)</p>', body)
    return [number for line in lines for number in re.findall(r'href="tel:([^"]+)"', line)]


def send(**fields: str) -> Any:
    return Client().post("/", {"token": signing.form_token(), "text": "a poster near our school", **fields})


def test_without_any_hint_the_form_says_the_police_of_the_place() -> None:
    page = Client().get("/")
    assert "Call the police of the place where the child is." in page.content.decode()
    assert "hx-" not in page.content.decode()


def test_the_browsers_region_chooses_the_number() -> None:
    page = Client().get("/", headers={"Accept-Language": "fr-CA,fr;q=0.8"})
    assert numbers(page, "guess")[0] == places.countries()["CA"].police[0]


def test_the_hotlines_own_country_goes_before_the_browsers() -> None:
    with override_settings(HOTLINE_COUNTRY="CN"):
        page = Client().get("/", headers={"Accept-Language": "fr-CA"})
    assert numbers(page, "guess")[0] == "110"


def test_each_country_of_the_menu_shows_its_own_number_by_css() -> None:
    page = Client().get("/")
    for code, country in places.countries().items():
        assert f'<option value="{code}">' in page.content.decode()
        shown = numbers(page, f"place place-{code.lower()}")
        assert tuple(shown[: len(country.police)]) == country.police
        assert f'option[value="{code}"]:checked) .place-{code.lower()}' in CSS


def test_the_receipt_repeats_the_advice_only_for_yes() -> None:
    page = send(danger="yes", place="FR")
    assert re.findall(r'href="tel:(\w+)"', page.content.decode()) == list(places.countries()["FR"].police)
    assert "Call the police now" in page.content.decode()
    for other in ("no", "unsure", ""):
        assert "Call the police now" not in send(danger=other, place="FR").content.decode()


def test_danger_in_an_unknown_country_still_says_to_call() -> None:
    page = send(danger="yes", place="ZZ")
    assert "Call the police of the place where the child is." in page.content.decode()


@pytest.mark.parametrize("about", ["me", "known"])
def test_who_writes_about_herself_or_a_friend_is_shown_a_helpline(about: str) -> None:
    page = send(about=about, place="GB")
    assert places.countries()["GB"].helpline_name in page.content.decode()
    assert places.countries()["GB"].helpline_name not in send(about="no", place="GB").content.decode()


def test_helplines_are_shown_without_a_link() -> None:
    body = Client().get("/").content.decode()
    for country in places.countries().values():
        if country.helpline_host:
            assert country.helpline_host in body
            assert (
                f'href="https://{country.helpline_host}' not in body
                and f'href="//{country.helpline_host}' not in body
            )
