"""schemathesis reads the API's own description and looks for answers that it does not describe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from tips.api_client import key, send

from tocsin.server.wsgi import application
from tocsin.tips import flood
from tocsin.tips.api import describe
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
# what breaks the schema by its size alone may be refused by its size (413)
REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
)
schema = schemathesis.openapi.from_dict(describe.document(), config=CONFIG)
schema.app = application
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


def check(case: Any, secret: str, receipt: str) -> None:
    """Send the case as a client with a key and look at the answer with every check that there is."""
    flood.buckets.cache_clear()
    if "tips/status" in case.path and case.meta is None:
        case.headers["Tocsin-Receipt"] = receipt
    with one_connection():
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})
    assert Tip.objects.filter(text_tag="").count() == 0


@contextmanager
def one_connection() -> Iterator[None]:
    """The application runs inside the test's transaction: the end of a request must not close its connection."""
    events = (request_started, request_finished)
    for event in events:
        event.disconnect(close_old_connections)
    try:
        yield
    finally:
        for event in events:
            event.connect(close_old_connections)


@pytest.fixture
def secret() -> str:
    return key()


@pytest.fixture
def receipt(secret: str) -> str:
    return str(send("/tips", {"text": "clay"}, secret).json()["receipt"])


@schema.parametrize()
@settings(max_examples=60, derandomize=True, **QUIET)
def test_schemathesis_finds_nothing(case: Any, secret: str, receipt: str) -> None:
    check(case, secret, receipt)


@pytest.mark.soak
@schema.parametrize()
@settings(max_examples=3000, **QUIET)
def test_schemathesis_finds_nothing_in_the_long_run(case: Any, secret: str, receipt: str) -> None:
    check(case, secret, receipt)
