"""The queue and the loose tips, as people see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.cases.models import Case

QUEUE, LOOSE = "/console/cases/", "/console/loose/"


def numbers(page: str) -> list[str]:
    import re

    return re.findall(r'href="/console/cases/(\d{4}-\d{6})/" data-open', page)


@pytest.fixture
def three(tip: Callable[..., Any], work: Callable[[], int]) -> dict[str, Case]:
    """Three cases: a calm one of two tips, one in danger, another calm one."""
    found = {}
    for name, uid, danger in (
        ("calm", "6660012301", ""),
        ("danger", "6660012302", "yes"),
        ("other", "6660012303", ""),
    ):
        for _ in range(2):
            tip(f"See weibo.com/u/{uid}", danger=danger)
        work()
        found[name] = Case.objects.latest("pk")
    return found


def test_the_most_urgent_case_stands_first_with_its_reason_in_words(
    three: dict[str, Case], analyst_client: Any
) -> None:
    page = analyst_client.get(QUEUE).content.decode()
    assert numbers(page)[0] == three["danger"].number
    assert "The reporter says that a child is in danger now" in page
    assert "uid:6660012302" in page


def test_lane_state_and_identifier_filter_from_the_address(
    three: dict[str, Case], analyst_client: Any
) -> None:
    def asked(**filters: str) -> list[str]:
        return numbers(analyst_client.get(QUEUE, filters).content.decode())

    assert asked(lane="immediate") == [three["danger"].number]
    assert asked(q="https://weibo.com/u/6660012303") == [three["other"].number]
    assert asked(q=three["calm"].number) == [three["calm"].number]
    assert asked(q="weibo.com/u/6660012399") == []
    assert asked(state="closed") == []
    assert len(asked(lane="nonsense", state="nonsense")) == 3
    form = analyst_client.get(QUEUE, {"lane": "immediate", "q": "kiln"}).content.decode()
    assert 'value="immediate" selected' in form
    assert 'value="kiln"' in form


def test_identifiers_in_the_queue_are_inert(
    tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any
) -> None:
    for _ in range(2):
        tip("See https://kiln.example.com/square/7")
    work()
    page = analyst_client.get(QUEUE).content.decode()
    assert "kiln[.]example[.]com" in page
    assert "kiln.example.com" not in page


def test_the_queue_asks_the_same_number_of_questions_for_three_and_for_thirty_cases(
    three: dict[str, Case], tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any
) -> None:
    analyst_client.get(QUEUE)
    with CaptureQueriesContext(connection) as few:
        analyst_client.get(QUEUE)
    for number in range(27):
        for _ in range(2):
            tip(f"See weibo.com/u/66600124{number:02}", danger="yes")
    work()
    with CaptureQueriesContext(connection) as many:
        page = analyst_client.get(QUEUE).content.decode()
    assert len(numbers(page)) == 30
    assert len(many) == len(few)


def test_a_loose_tip_is_read_and_becomes_a_case_when_a_person_says_so(
    tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any
) -> None:
    sent = tip("Somebody sells pots on the square, I do not know where.")
    work()
    page = analyst_client.get(LOOSE).content.decode()
    assert f"{LOOSE}{sent.public_id}/open/" in page
    assert "sells pots" not in page, "a narrative is shown only to who opens it"
    assert "sells pots" in analyst_client.get(f"{LOOSE}{sent.public_id}/").content.decode()
    assert analyst_client.get(f"{LOOSE}{sent.public_id}/open/").status_code == 405
    answer = analyst_client.post(f"{LOOSE}{sent.public_id}/open/")
    case = Case.objects.get()
    assert answer["Location"] == f"{QUEUE}{case.number}/"
    assert f"{sent.public_id}" not in analyst_client.get(LOOSE).content.decode()
    assert analyst_client.get(f"{LOOSE}{sent.public_id}/").status_code == 404, "it is in a case now"


def test_the_loose_list_asks_the_same_number_of_questions_for_one_and_for_thirty(
    tip: Callable[..., Any], work: Callable[[], int], analyst_client: Any
) -> None:
    tip("Nothing to find here.")
    work()
    analyst_client.get(LOOSE)
    with CaptureQueriesContext(connection) as one:
        analyst_client.get(LOOSE)
    for number in range(29):
        tip(f"Nothing to find here, number {number} of many.")
    work()
    with CaptureQueriesContext(connection) as thirty:
        page = analyst_client.get(LOOSE).content.decode()
    assert page.count("/open/") == 30
    assert len(thirty) == len(one)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_does_no_casework_sees_neither_queue_nor_loose_tips(
    analyst: Any, analyst_client: Any, role: str
) -> None:
    analyst.role = role
    analyst.save(update_fields=["role"])
    assert analyst_client.get(QUEUE).status_code == 404
    assert analyst_client.get(LOOSE).status_code == 404


@pytest.mark.parametrize(
    "typed", ["uid:6660012345", "6660012345", "copper_finch01", "@Copper_Finch01", "kiln[.]example[.]org"]
)
def test_what_a_page_shows_can_be_typed_into_the_search(
    tip: Any, work: Any, analyst_client: Any, typed: str
) -> None:
    tip("see https://weibo.com/u/6660012345 and t.me/copper_finch01 and https://kiln.example.org")
    tip("another: t.me/tin_finch02")
    work()
    found = analyst_client.get("/console/cases/", {"q": typed})
    assert found.context["page"].paginator.count == 1
