"""schemathesis reads the description of the cases API and looks for answers that it does not describe."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from cases.cases_api_client import case_key
from hypothesis import HealthCheck, assume, settings
from tips.test_api_contract import one_connection

from tocsin.cases.api import urls
from tocsin.cases.models import Case
from tocsin.server.wsgi import application
from tocsin.tips import flood

pytestmark = pytest.mark.django_db
REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED},
                # a case that is not there is no fault of the request's form
                "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409"]}}}
)  # fmt: skip
schema = schemathesis.openapi.from_dict(urls.document(), config=CONFIG)
schema.app = application
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.fixture
def numbers(tip: Any, work: Any) -> list[str]:
    for text in ("a kiln weibo.com/u/6660012345", "a square weibo.com/u/6660054321"):
        for _ in range(2):
            tip(text)
    work()
    return list(Case.objects.order_by("pk").values_list("number", flat=True))


@pytest.fixture
def secret() -> str:
    return case_key()


def check(case: Any, secret: str, numbers: list[str]) -> None:
    """Send it as a client with a key; half of what is about a case is about one that exists.

    What differs from the description only by a parameter without any value is no request of its own: an empty
    list is not written into the address, and the key is always sent.
    """
    flood.buckets.cache_clear()
    assume(not any(value in ([], {}) for value in (case.query or {}).values()))
    number = (case.path_parameters or {}).get("number")
    if isinstance(number, str) and len(number) == 11 and number[-1] in "02468":
        case.path_parameters["number"] = numbers[0]
    with one_connection():
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})
    assert Case.objects.filter(case_tips=None, merged_into=None).count() == 0


@schema.parametrize()
@settings(max_examples=40, derandomize=True, **QUIET)
def test_schemathesis_finds_nothing(case: Any, secret: str, numbers: list[str]) -> None:
    check(case, secret, numbers)


@pytest.mark.soak
@schema.parametrize()
@settings(max_examples=1000, **QUIET)
def test_schemathesis_finds_nothing_in_the_long_run(case: Any, secret: str, numbers: list[str]) -> None:
    check(case, secret, numbers)
