"""A person releases one sentence to the reporters of a case; a hold, wherever it was set, forbids it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sent_rows import NOW, account, case_with, plan_for, recipient, sent

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases.models import Case, CaseEvent
from tocsin.dispatch import holds
from tocsin.outcomes.release import release
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db


def test_every_reporter_of_the_case_may_read_the_sentence(analyst: Any) -> None:
    case = case_with(account("kiln"))
    assert release(case, "helped", analyst) == 1
    tip = Tip.objects.get()
    assert (tip.outcome, tip.outcome_released_by) == ("helped", analyst)
    assert CaseEvent.objects.get(case=case, kind="outcome_released").facts == {"outcome": "helped", "tips": 1}
    assert AuditRow.objects.filter(action="outcome.released", object=case.audit_name).exists()


def test_the_same_sentence_again_tells_nobody_twice(analyst: Any) -> None:
    case = case_with(account("kiln"))
    release(case, "helped", analyst)
    assert release(case, "helped", analyst) == 0
    assert CaseEvent.objects.filter(case=case, kind="outcome_released").count() == 1


def test_a_hold_set_in_another_case_forbids_it(analyst: Any, reviewer: Any) -> None:
    shared = account("kiln")
    other = case_with(shared, account("jar"))
    police = sent(plan_for(other), recipient("police", "River Police"), [shared], analyst, reviewer)
    holds.set_from_page(police, NOW - timedelta(days=1))  # its time has passed: it binds all the same
    case = case_with(shared)
    with pytest.raises(NotAllowed, match="asked for silence"):
        release(case, "helped", analyst)
    assert Tip.objects.get(case_tip__case=case).outcome == ""
    holds.lift_from_page(police)
    assert release(Case.objects.get(pk=case.pk), "helped", analyst) == 1


def test_an_unknown_sentence_a_case_without_tips_and_a_stranger_are_refused(analyst: Any) -> None:

    case = case_with(account("kiln"))
    with pytest.raises(NotAllowed):
        release(case, "whatever", analyst)
    with pytest.raises(NotAllowed):
        release(case, "helped", User.objects.create_user("olga", role="auditor"))
    Tip.objects.filter(case_tip__case=case).update(outcome="")
    case.case_tips.all().delete()
    with pytest.raises(NotAllowed, match="nobody to tell"):
        release(case, "helped", analyst)
