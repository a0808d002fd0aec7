"""How much there is to act on is a score of its own: it never makes a case more urgent."""

from __future__ import annotations

from typing import Any

import pytest
from read_tips import DAY_ONE, read_tip, walk

from tocsin.accounts.models import User
from tocsin.cases import queries
from tocsin.cases.models import Case
from tocsin.cases.numbers import gate
from tocsin.cases.score import recount
from tocsin.cases.subject import set_subject
from tocsin.lib.writing import write
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db


def with_fields(tip: Any, **fields: Any) -> Any:
    """The tip with what its reporter gave."""
    Tip.objects.filter(pk=tip.pk).update(**fields)
    return tip


def names(case: Case) -> set[str]:
    return {reason["signal"] for reason in case.actionability_reasons}


def test_what_a_case_holds_adds_up_and_says_so() -> None:
    tip = with_fields(read_tip("strong:vase"), place="FR", occurred_at=DAY_ONE, contact_sealed=b"x")
    walk()
    case = Case.objects.get()
    assert names(case) == {"account_named", "place_known", "time_known", "reporter_reachable"}
    assert case.actionability == 55
    assert "A place is known (+15)" in queries.actionability_sentences(case)
    assert tip.scored.signals


def test_a_complete_tip_is_no_more_urgent_than_a_bare_one() -> None:
    read_tip("strong:vase")
    with_fields(read_tip("strong:bowl"), place="FR", occurred_at=DAY_ONE, contact_sealed=b"x")
    walk()
    bare, full = Case.objects.order_by("actionability")
    assert bare.actionability < full.actionability
    assert (bare.lane, bare.urgency) == (full.lane, full.urgency)


def test_a_doubtful_time_is_not_known() -> None:
    with_fields(read_tip("strong:vase"), occurred_at=DAY_ONE, time_doubtful=True)
    walk()
    assert "time_known" not in names(Case.objects.get())


def test_a_thing_counts_once_however_many_tips_give_it() -> None:
    read_tip("strong:vase")
    walk()
    once = Case.objects.get().actionability
    read_tip("strong:vase", "strong:bowl")
    walk()
    assert Case.objects.get().actionability == once


def test_what_an_analyst_writes_down_counts_at_once_and_goes_when_taken_back(analyst: User) -> None:
    read_tip("strong:vase")
    walk()
    case = Case.objects.get()
    set_subject(case, analyst, "An invented potter", country="FR")
    case.refresh_from_db()
    assert {"subject_written", "place_known"} <= names(case)
    set_subject(case, analyst, "")
    case.refresh_from_db()
    assert names(case) == {"account_named"}


def test_a_bystanders_account_is_nothing_to_act_on() -> None:
    read_tip("strong:vase", role="bystander")
    read_tip("strong:bowl", role="bystander", danger="yes")
    walk()
    assert Case.objects.get().actionability == 0


def test_counting_in_gives_what_counting_anew_gives() -> None:
    for n in range(4):
        with_fields(
            read_tip("strong:vase", day=n, danger="unsure" if n == 2 else ""), place="FR" if n == 1 else ""
        )
        walk()
    before = Case.objects.values().get()
    with write():
        gate()
        recount([before["id"]])
    assert Case.objects.values().get() == before


def test_both_scores_stand_on_the_case_page_and_in_the_queue(analyst_client: Any) -> None:
    with_fields(read_tip("strong:vase", danger="yes"), place="FR")
    walk()
    case = Case.objects.get()
    page = analyst_client.get(f"/console/cases/{case.number}", follow=True).content.decode()
    assert "Can be acted on: 35 of 100" in page
    assert "A place is known" in page
    assert "counts half" in page
    assert "A place is known" in analyst_client.get("/console/cases", follow=True).content.decode()
