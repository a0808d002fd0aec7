"""Every console page has a rule, every public page sets no cookie and may be asked by anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tocsin.accounts import policy

OPEN = {"accounts:login", "accounts:logout", "cases:take"}  # signing in and out; a signed link of a mail


def routes(patterns: Any, space: str = "", path: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            name = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from routes(entry.url_patterns, name, path + str(entry.pattern))
        else:
            yield f"{space}{entry.name}", path + str(entry.pattern), entry


ALL = list(routes(get_resolver("tocsin.server.urls").url_patterns))
CONSOLE = [route for route in ALL if route[1].startswith("console/")]
PUBLIC = [route for route in ALL if not route[1].startswith("console/")]


def test_the_walk_finds_the_pages() -> None:
    assert len(CONSOLE) > 30
    assert {name for name, _path, _route in PUBLIC} >= {"tips:form", "tips:status", "reply:page", "health"}


@pytest.mark.parametrize(
    ("name", "path", "route"), CONSOLE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_console_route_asks_a_rule_that_exists(name: str, path: str, route: URLPattern) -> None:
    if name in OPEN:
        return
    view: Any = route.callback
    action = getattr(view, "needs", None)
    assert action is not None, f"{path} has no @needs"
    assert action in policy.RULES, f"{path} asks {action}, which no access.py registers"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "path", "route"), CONSOLE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_no_console_route_answers_a_stranger(name: str, path: str, route: URLPattern) -> None:
    if name in OPEN:
        return
    url = "/" + "".join("x" if part.startswith("<") else part for part in _pieces(path))
    answer = Client().get(url)
    if answer.status_code == 405:  # an act: asked by POST only
        answer = Client().post(url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/console/login/?next=")


def _pieces(path: str) -> list[str]:
    """The literal parts and the parameters of a route."""
    pieces, rest = [], path
    while "<" in rest:
        before, _, rest = rest.partition("<")
        parameter, _, rest = rest.partition(">")
        pieces += [before, f"<{parameter}>"]
    return [*pieces, rest]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/status", "/status/check", "/objection", "/figures", "/r/forged", "/health"]
)
def test_public_pages_set_no_cookie_and_forbid_everything_foreign(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code in (200, 404)
    assert not answer.cookies
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["X-Frame-Options"] == "DENY"
