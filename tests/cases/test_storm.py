"""A storm: thousands of tips on one account, from the door to whoever is on duty, through the whole worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from tocsin.accounts.models import User
from tocsin.cases.models import Alarm, AlarmCall, Case, CaseTip, Duty
from tocsin.lib.models import StepFailure
from tocsin.post.models import Message
from tocsin.server import worker
from tocsin.tips.accept import Incoming, accept

pytestmark = pytest.mark.django_db
ACCOUNT = "https://www.instagram.com/p_storm_of_clay/"


@pytest.mark.parametrize("size", [250, pytest.param(5_000, marks=pytest.mark.soak)])
def test_a_storm_on_one_account_is_one_case_and_calls_once(size: int, settings: Any) -> None:
    settings.ALARM_MINUTES = 60  # so that a slow machine calls nobody a second time meanwhile
    now = timezone.now()
    ada = User.objects.create_user(username="ada", role="analyst", email="ada@hotline.example")
    Duty.objects.create(
        user=ada,
        begins=now - timedelta(hours=1),
        ends=now + timedelta(hours=9),
        place=1,
        made_by=ada,
        made_at=now,
    )
    for start in range(0, size, 250):
        accept(
            [
                Incoming(
                    text=f"{ACCOUNT} a pot of clay on shelf {n}, seen on day {n % 31}",
                    danger="yes" if n % 7 == 0 else "unsure",
                    contact=f"person{n}@reporter.example" if n % 3 == 0 else "",
                )
                for n in range(start, start + 250)
            ]
        )
        worker.run_once()
    worker.run_until_idle()
    assert not StepFailure.objects.exists()
    (case,) = Case.objects.all()
    assert (CaseTip.objects.filter(case=case).count(), case.lane) == (size, "immediate")
    assert (Alarm.objects.count(), AlarmCall.objects.count(), Message.objects.count()) == (1, 1, 1)
    assert 3 <= case.reporters <= size


def test_while_tips_come_in_the_steps_take_less_and_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals, taken = worker.Arrivals(), list[int]()
    rests = list[float]()

    def step(limit: int) -> int:
        taken.append(limit)
        return limit

    monkeypatch.setattr(worker, "STEPS", [("test.step", step, 500)])
    assert not arrivals.any()
    assert worker.run_once(rests.append if arrivals.any() else None) == 500
    accept([Incoming(text="a pot of clay")])
    assert worker.run_once(rests.append if arrivals.any() else None) == 500 // worker.PART
    assert not arrivals.any()
    assert taken == [500, 500 // worker.PART]
    assert len(rests) == 1


def test_a_database_that_is_away_stops_no_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = worker.Arrivals()

    def away(_question: str) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(worker, "ask", away)
    assert not arrivals.any()
