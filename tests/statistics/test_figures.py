"""Figures: exact for the house; the public reads no small number, no thin median and nothing of what is held."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from sent_rows import NOW, a_tip, account, answer, case_with, gone, plan_for, recipient, sent

from tocsin.audit.models import AuditRow
from tocsin.dispatch import holds
from tocsin.dispatch.answers import answers
from tocsin.outcomes.steps import clocks
from tocsin.statistics import steps
from tocsin.statistics.figures import cells, count, exact, public
from tocsin.statistics.models import PublicFigure
from tocsin.statistics.publish import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def walked(analyst: Any, reviewer: Any) -> Any:
    """`walked(n)`: n cases whose one account was suspended i hours after the notice left; the last case is given."""

    def walk(number: int, start: int = 0) -> Any:
        for index in range(start, start + number):
            pot = account(f"pot{index}")
            case = case_with(pot)
            notice = sent(plan_for(case), recipient(), [pot], analyst, reviewer, at=NOW + timedelta(hours=1))
            answer(notice, gone(notice), NOW + timedelta(hours=2 + index))
        while answers(100):
            pass
        while clocks(100):
            pass
        return case

    return walk


def test_counts_and_medians_of_a_small_world(walked: Any) -> None:
    walked(3)
    figures = exact()
    assert figures["counts"] == {
        "tips": 3,
        "cases": 3,
        "notices": 3,
        "accounts_gone": 3,
        "cases_all_gone": 3,
        "arrests": 0,
    }
    assert figures["medians"]["sent_all_gone"] == {"n": 3, "seconds": 2 * 3600}
    assert figures["medians"]["received_approved"] == {"n": 3, "seconds": 3600}
    assert figures["medians"]["sent_arrested"] == {"n": 0, "seconds": None}


def test_four_reads_fewer_than_five_and_five_reads_five() -> None:
    assert [count(number) for number in (0, 4, 5)] == [{"few": True}, {"few": True}, {"n": 5}]


def test_a_median_is_published_from_ten_cases_on(walked: Any) -> None:
    walked(9)
    assert public(exact())["median_sent_all_gone"] == {"none": True}
    walked(1, start=9)
    assert public(exact())["median_sent_all_gone"] == {"seconds": 5.5 * 3600}


def test_where_one_cell_is_hidden_the_smallest_other_one_is_hidden_too() -> None:
    assert cells({"hour": 20, "day": 9, "week": 3}) == [
        {"key": "hour", "n": 20},
        {"key": "day", "hidden": True},
        {"key": "week", "hidden": True},
    ]
    assert cells({"hour": 20, "day": 1, "week": 3})[0] == {"key": "hour", "n": 20}
    assert all("n" in cell for cell in cells({"hour": 20, "day": 9}))


def test_whatever_touches_what_is_held_is_left_out_also_in_another_case(
    walked: Any, analyst: Any, reviewer: Any
) -> None:
    walked(6)
    shared = account("pot0")
    other = case_with(shared, account("unrelated"))
    a_tip(shared)  # a loose tip that names it
    police = sent(plan_for(other), recipient("police", "River Police"), [shared], analyst, reviewer)
    clocks(100)
    assert exact()["counts"]["tips"] == 8
    holds.set_from_page(police, NOW - timedelta(days=9))  # expired, not lifted
    figures = exact()
    assert figures["held_cases"] == 2
    assert figures["counts"]["tips"] == 5 and figures["counts"]["accounts_gone"] == 5
    assert figures["counts"]["cases"] == figures["counts"]["cases_all_gone"] == 5
    assert figures["gone_kinds"] == {"account": 5} and sum(figures["gone_within"].values()) == 5
    holds.lift_from_page(police)
    assert exact()["counts"]["tips"] == 8


def test_a_notice_that_did_not_leave_and_a_withdrawn_one_are_not_counted(analyst: Any, reviewer: Any) -> None:
    jar = account("jar")
    plan = plan_for(case_with(jar))
    sent(plan, recipient(), [jar], analyst, reviewer, at=None, state="approved")
    sent(plan, recipient(name="Vase Board"), [jar], analyst, reviewer, state="withdrawn")
    assert exact()["counts"]["notices"] == 0


def test_published_at_once_and_then_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": NOW}
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock["now"])
    hours = settings.FIGURES_EVERY_HOURS
    assert [steps.publish(1), steps.publish(1)] == [1, 0]
    clock["now"] = NOW + timedelta(hours=hours) - timedelta(seconds=1)
    assert steps.publish(1) == 0
    clock["now"] = NOW + timedelta(hours=hours)
    assert steps.publish(1) == 1
    assert set(PublicFigure.objects.values_list("as_of", flat=True)) == {clock["now"]}


@pytest.mark.urls("tocsin.server.urls_door")
def test_the_public_page_shows_what_was_published_and_nothing_newer(walked: Any) -> None:
    browser = Client()
    assert "No figures were published yet" in browser.get("/figures").content.decode()
    walked(5)
    publish("worker")
    walked(2, start=5)
    page = browser.get("/figures")
    text = page.content.decode()
    assert "<dd>5</dd>" in text and "<dd>7</dd>" not in text
    assert "fewer than 5" in text and "not enough cases yet" in text
    assert not page.cookies


def test_stored_figures_hold_no_small_number(walked: Any) -> None:
    walked(4)
    publish("cli:ada")
    stored = [row.value for row in PublicFigure.objects.all()]

    def numbers(value: Any) -> list[int]:
        if isinstance(value, dict):
            return [
                one for name, inner in value.items() for one in ([inner] if name == "n" else numbers(inner))
            ]
        return [one for inner in value for one in numbers(inner)] if isinstance(value, list) else []

    assert [number for value in stored for number in numbers(value) if number < 5] == []
    assert AuditRow.objects.get(action="figures.published").actor == "cli:ada"


def test_the_console_shows_exact_numbers_beside_public_ones(analyst_client: Any, walked: Any) -> None:
    walked(3)
    text = analyst_client.get("/console/figures/").content.decode()
    assert "fewer than 5" in text and ">3</a>" in text


def test_stats_for_machines_has_a_schema_and_publishes_when_told(
    walked: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from tocsin.cli import main

    walked(5)
    assert main(["stats", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["version"], told["published_at"]) == ("tocsin.stats", 1, None)
    assert told["exact"]["counts"]["tips"] == 5 and told["public"]["arrests"] == {"few": True}
    assert main(["stats", "--json", "--publish"]) == 0
    assert datetime.fromisoformat(json.loads(capsys.readouterr().out)["published_at"])
    assert PublicFigure.objects.exists()


def test_stats_for_people_is_a_table(walked: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from tocsin.cli import main

    walked(5)
    assert main(["stats"]) == 0
    shown = capsys.readouterr().out
    assert "Tips received" in shown and "fewer than 5" in shown
