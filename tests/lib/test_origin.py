"""Whether another site sent a form: the browser's own word, as far as it gives one."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from tocsin.lib.origin import same_site


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),  # no browser: nothing of a browser's to abuse
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),  # a neighbour's page below the same domain
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Origin": "http://TESTSERVER"}, True),
        ({"Origin": "http://testserver:8080"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "https://testserver.elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_only_our_own_pages_may_post(headers: dict[str, str], ours: bool) -> None:
    assert same_site(RequestFactory().post("/", headers=headers)) is ours
