"""What a case waits for, in one sentence, with the place on the page where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.cases.models import Case, CaseState, Lane
from tocsin.cases.subject import Subject

NOT_ASSESSED = (CaseState.OPEN, CaseState.REOPENED)


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when it is to be done: at once, a day of a task, or no day at all; and since when the case waits."""

    at_once: bool
    day: date | None
    late: bool
    since: datetime


def deadline(case: Case) -> Deadline | None:
    """The nearest deadline of a case; None: nothing is to be done. A child in danger is not put off. One query."""
    if case.state == CaseState.CLOSED:
        return None
    open_tasks = case.tasks.filter(done_at__isnull=True, due_on__isnull=False).order_by("due_on")
    day = open_tasks.values_list("due_on", flat=True).first()
    at_once = case.lane == Lane.IMMEDIATE and case.state in NOT_ASSESSED
    return Deadline(at_once, day, day is not None and day < timezone.localdate(), case.first_received_at)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The sentence, and the anchor of the part of the page where it is done."""

    sentence: str
    anchor: str


def of(case: Case, any_reported: bool, subject: Subject | None) -> NextStep:
    """The next step of a person, from the state of the case and what is still missing in it.

    `any_reported`: a person confirmed one of its identifiers as reported.
    """
    by_state = {
        CaseState.HELD: NextStep(_("Police ask for silence: nothing leaves before they answer."), "plan"),
        CaseState.DISPATCHED: NextStep(
            _("Wait for the answers; when all are there, tell the reporters and close the case."), "plan"
        ),
        CaseState.CLOSED: NextStep(_("Nothing: the case is closed."), "timeline"),
    }
    if case.state in by_state:
        return by_state[CaseState(case.state)]
    if case.state in NOT_ASSESSED:
        return NextStep(_("Read the tips, then assess the case."), "assessment")
    if not any_reported:
        return NextStep(
            _("Say which identifiers are reported: only those can be told to anybody."), "identifiers"
        )
    if subject is None or not (subject.city or subject.country):
        return NextStep(
            _("Give the subject's city, so that its police are told; or make a plan without."), "subject"
        )
    return NextStep(_("Make the plan: who is told, and in which order."), "plan")
