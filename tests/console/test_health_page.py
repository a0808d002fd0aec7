"""The health page says at a glance whether a person must look."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tocsin.lib.models import StepFailure


def test_a_healthy_house_says_so(db: None, analyst_client: Any) -> None:
    assert "Everything works" in analyst_client.get("/console/health/").content.decode()


def test_a_row_that_was_set_aside_is_shown_with_its_step_and_reason(db: None, analyst_client: Any) -> None:
    StepFailure.objects.create(
        step="tips.read",
        source_id=7,
        attempts=8,
        next_try_at=timezone.now(),
        set_aside=True,
        reason="SealBroken",
    )
    page = analyst_client.get("/console/health/").content.decode()
    assert "A person must look" in page
    assert "tips.read" in page
    assert "SealBroken" in page
