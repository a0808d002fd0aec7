"""A trained person assesses a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cases.models import Case, CaseEvent, CaseState
from tocsin.review.assess import assess
from tocsin.review.models import Assessment
from tocsin.review.queries import rationale


@pytest.fixture
def case(tip: Callable[..., Any], work: Callable[[], int]) -> Case:
    """Two tips about one pottery account."""
    for words in ("See weibo.com/u/6660012345", "Again https://weibo.com/u/6660012345 today"):
        tip(words)
    work()
    return Case.objects.get()


def test_an_assessment_moves_the_case_its_tips_the_timeline_and_the_audit(case: Case, analyst: Any) -> None:
    made = assess(case, analyst, "baseline", "tips", "Both tips say the same.")
    case.refresh_from_db()
    assert case.state == CaseState.ASSESSED
    assert case.worked_on
    assert {row.tip.state for row in case.case_tips.select_related("tip")} == {"actionable"}
    event = CaseEvent.objects.get(case=case, kind="assessed")
    assert event.facts == {"verdict": "baseline", "on_what": "tips"}
    row = AuditRow.objects.get(action="case.assess")
    assert (row.actor, row.object) == (analyst.actor, f"case:{case.number}")
    assert "Both tips" not in str(row.detail)
    assert rationale(made) == "Both tips say the same."
    assert b"Both tips" not in bytes(made.rationale_sealed)


def test_the_newest_assessment_counts_and_none_is_overwritten(
    case: Case, analyst: Any, reviewer: Any
) -> None:
    assess(case, analyst, "not_illegal", "tips")
    assess(case, reviewer, "national", "own_view")
    assert [row.verdict for row in Assessment.objects.order_by("pk")] == ["not_illegal", "national"]
    assert {row.tip.state for row in case.case_tips.select_related("tip")} == {"actionable"}


def test_undetermined_leaves_the_tips_as_they_are(case: Case, analyst: Any) -> None:
    assess(case, analyst, "undetermined", "tips")
    assert {row.tip.state for row in case.case_tips.select_related("tip")} == {"received"}


def test_an_unknown_verdict_is_refused_and_nothing_is_written(case: Case, analyst: Any) -> None:
    with pytest.raises(NotAllowed):
        assess(case, analyst, "guilty", "tips")
    assert not Assessment.objects.exists()


def test_a_further_state_is_not_set_back(case: Case, analyst: Any) -> None:
    Case.objects.filter(pk=case.pk).update(state=CaseState.DISPATCHED)
    assess(case, analyst, "baseline", "partner")
    case.refresh_from_db()
    assert case.state == CaseState.DISPATCHED


def test_the_panel_shows_the_assessment_and_keeps_what_was_typed_when_something_is_missing(
    case: Case, analyst_client: Any
) -> None:
    url = f"/console/cases/{case.number}/assess/"
    again = analyst_client.post(
        url, {"verdict": "", "on_what": "tips", "rationale": "three squares in a row"}
    )
    assert "three squares in a row" in again.content.decode()
    assert not Assessment.objects.exists()
    done = analyst_client.post(
        url, {"verdict": "national", "on_what": "tips", "rationale": "three squares in a row"}
    )
    assert done["Location"] == f"/console/cases/{case.number}/"
    panel = analyst_client.get(
        f"/console/cases/{case.number}/assessment/", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in panel
    assert "Illegal by national law" in panel
    assert "three squares in a row" in panel
    whole = analyst_client.get(f"/console/cases/{case.number}/assessment/").content.decode()
    assert "<html" in whole
    assert "Illegal by national law" in whole


def test_an_auditor_neither_sees_nor_assesses_a_case(case: Case, analyst_client: Any, analyst: Any) -> None:
    analyst.role = "auditor"
    analyst.save(update_fields=["role"])
    assert analyst_client.get(f"/console/cases/{case.number}/assessment/").status_code == 404
    assert analyst_client.post(f"/console/cases/{case.number}/assess/", {}).status_code == 404
