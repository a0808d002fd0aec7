"""A public page with everything that it loads is light: a bad phone on a bad line is where tips come from."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tocsin.lib import receipts, signing

MOST = 60_000  # bytes as sent: static files compressed (WhiteNoise), pages not (their answers hold secrets: BREACH)
SCRIPTS = {"form.js": 3_000, "app.js": 1_000, "copy.js": 2_000, "fingerprint.js": 5_000}  # bytes as written
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def paths(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    """Every public address without a parameter."""
    found: list[str] = []
    for entry in patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += paths(entry.url_patterns, path)
        elif "<" not in path:
            found.append(f"/{path}")
    return found


PUBLIC = paths(get_resolver("tocsin.server.urls_door").url_patterns)


def sent(address: str) -> int:
    """The bytes that travel for what a page loads."""
    body = asked(address)
    return len(gzip.compress(body, 9)) if address.endswith((".css", ".js", ".svg")) else len(body)


def asked(address: str) -> bytes:
    """What the address gives: a static file, or a page of ours."""
    if address.startswith("/static/"):
        where = finders.find(address.removeprefix("/static/"))
        assert where, address
        return Path(str(where)).read_bytes()
    return Client().get(address).content


def loaded(body: bytes) -> list[str]:
    """Scripts, styles, icons, pictures and the manifest with its icons, each once."""
    text = body.decode()
    tags = re.findall(r"<(?:script|link|img)\b[^>]*>", text)
    found = [match[1] for tag in tags if (match := re.search(r'(?:src|href)="([^"]+)"', tag))]
    for address in list(found):
        if address.endswith(".webmanifest"):
            found += [icon["src"] for icon in json.loads(asked(address))["icons"]]
    return [address for address in dict.fromkeys(found) if not address.startswith("?")]


def weight(body: bytes) -> int:
    return len(body) + sum(sent(address) for address in loaded(body))


def test_the_walk_finds_the_public_pages() -> None:
    assert {"/", "/status", "/screenshot", "/no-pictures", "/app", "/figures"} <= set(PUBLIC)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_with_all_it_loads_is_at_most_60_kb(path: str, language: str) -> None:
    page = Client().get(f"{path}?lang={language}")
    if page.status_code == 200 and page["Content-Type"].startswith("text/html"):
        assert weight(page.content) <= MOST, {name: sent(name) for name in loaded(page.content)}


@pytest.mark.django_db
def test_the_receipt_is_at_most_60_kb_too() -> None:
    token = signing.form_token()
    page = Client().post(
        "/", {"token": token, "text": "bowls", "danger": "yes", "about": "me", "place": "CN"}
    )
    assert receipts.from_token(token)[:5].encode() in page.content
    assert weight(page.content) <= MOST


@pytest.mark.parametrize(("name", "most"), SCRIPTS.items())
def test_the_scripts_of_the_public_pages_are_small(name: str, most: int) -> None:
    assert len(asked(f"/static/{name}")) <= most


def test_scripts_of_the_public_pages_store_only_the_first_box() -> None:
    """Of all scripts of the door one writes to storage, and it reads one box."""
    writing = [name for name in SCRIPTS if b"setItem" in asked(f"/static/{name}")]
    assert writing == ["form.js"]
    code = asked("/static/form.js").decode()
    assert re.findall(r"setItem\((.+)\);", code) == [
        "KEY, JSON.stringify({ at: Date.now(), text: box.value })"
    ]
    assert re.findall(r"\bbox = (.+);", code) == ["form?.elements.identifier"]
    assert not re.search(r"sessionStorage|indexedDB|cookie", code)
