"""The page of hubs: what is counted, what another threshold would do, changes by two people, cutting again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tocsin.cases import notes
from tocsin.cases.models import Case
from tocsin.identifiers.models import Identifier
from tocsin.linking import degree, hub_page
from tocsin.linking.models import Hub, HubChange

pytestmark = pytest.mark.django_db
SITE = "https://market.example"


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def market(tip: Callable[..., Any], work: Callable[[], int]) -> Identifier:
    """Six accounts, each in two tips, and one site beside all of them."""
    for number in range(6):
        for _ in range(2):
            tip(f"weibo.com/u/66600123{number:02d} at {SITE}")
    work()
    return Identifier.objects.get(kind="site")


@pytest.fixture
def coordinator_client(coordinator: Any) -> Client:
    client = Client()
    client.force_login(coordinator)
    return client


def test_the_bars_tell_every_degree_once_and_none_lies_on_both_sides_of_the_threshold(
    market: Identifier,
) -> None:
    for threshold in (2, 3, 6, 7, 60):
        found = hub_page.bars("hub", threshold)
        assert sum(bar.count for bar in found) == sum(n for _degree, n in degree.distribution("hub"))
        assert all(bar.over == (bar.low >= threshold) for bar in found)
        assert all(bar.low >= threshold or bar.high < threshold for bar in found)
        assert max(bar.percent for bar in found) == 100


def test_another_threshold_is_seen_before_it_is_set(market: Identifier, coordinator_client: Client) -> None:
    assert degree.companions([market.pk]) == {market.pk: 6}
    page = text(coordinator_client.get("/console/hubs/", {"value": "6"}))
    assert "The threshold is 60 now; you look at 6." in page
    assert "1 identifier more would be a hub." in page and "market[.]example" in page
    assert degree.threshold("hub") == 60 and not Hub.objects.exists(), "to look changes nothing"
    coordinator_client.post("/console/hubs/threshold/", {"name": "hub", "value": "6"})
    assert degree.threshold("hub") == 6
    done = text(coordinator_client.post("/console/hubs/apply/", follow=True))
    assert "1 identifier is a hub now." in done and "by its degree" in done


def test_a_threshold_that_is_none_is_refused_with_a_sentence(coordinator_client: Client) -> None:
    for value in ("1", "many", ""):
        answer = coordinator_client.post(
            "/console/hubs/threshold/", {"name": "hub", "value": value}, follow=True
        )
        assert "Give a number between 2 and 1,000,000." in text(answer)
    assert degree.threshold("hub") == 60


def test_an_analyst_sets_no_threshold(analyst_client: Client) -> None:
    assert analyst_client.post("/console/hubs/threshold/", {"name": "hub", "value": "6"}).status_code == 404
    assert analyst_client.post("/console/hubs/apply/").status_code == 404
    assert "Set the threshold" not in text(analyst_client.get("/console/hubs/", {"value": "6"}))


def test_a_hub_is_proposed_approved_and_reversed_by_two_people(
    market: Identifier, analyst_client: Client, reviewer_client: Client
) -> None:
    wrong = analyst_client.post("/console/hubs/propose/", {"text": "https://nobody.example", "reason": "x"})
    assert wrong.status_code == 400 and "No tip names this." in text(wrong)
    done = analyst_client.post(
        "/console/hubs/propose/", {"text": SITE, "reason": "a market hall"}, follow=True
    )
    assert "as soon as another person approves it" in text(done)
    change = HubChange.objects.get()
    page = text(reviewer_client.get(f"/console/approvals/hub/{change.public_id}/"))
    assert "let it join nothing" in page and "a market hall" in page and "<dd>6</dd>" in page
    reviewer_client.post(f"/console/approvals/hub/{change.public_id}/approve/", {"digest": change.digest})
    assert Hub.objects.get().hub
    listed = text(analyst_client.get("/console/hubs/"))
    assert "by two people" in listed and f"/console/glued/{market.public_id}/" in listed
    analyst_client.post(f"/console/hubs/{market.public_id}/reverse/", {"reason": "one potter's shop"})
    back = HubChange.objects.get(state="proposed")
    assert not back.hub
    reviewer_client.post(f"/console/approvals/hub/{back.public_id}/approve/", {"digest": back.digest})
    assert not Hub.objects.get().hub


def test_the_cases_that_a_hub_glued_are_cut_again_by_one_action(
    market: Identifier, work: Callable[[], int], analyst: Any, analyst_client: Client, reviewer_client: Client
) -> None:
    case = Case.objects.get(merged_into=None)
    assert case.case_tips.count() == 12, "the site glued them"
    notes.add(case, analyst, "worked on, so that software asks")
    analyst_client.post("/console/hubs/propose/", {"text": SITE, "reason": "a market hall"})
    change = HubChange.objects.get()
    reviewer_client.post(f"/console/approvals/hub/{change.public_id}/approve/", {"digest": change.digest})
    work()
    assert Case.objects.filter(merged_into=None).count() == 1
    assert "6 pieces" in text(analyst_client.get("/console/flags/"))
    page = text(analyst_client.get(f"/console/glued/{market.public_id}/"))
    assert case.number in page and "6 pieces" in page
    done = text(analyst_client.post(f"/console/glued/{market.public_id}/cut/", follow=True))
    assert "1 case was cut again." in done
    assert sorted(one.case_tips.count() for one in Case.objects.filter(merged_into=None)) == [2] * 6
    assert "Nothing waits" in text(analyst_client.get("/console/flags/"))
    again = text(analyst_client.post(f"/console/glued/{market.public_id}/cut/", follow=True))
    assert "0 cases were cut again." in again
