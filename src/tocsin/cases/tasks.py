"""What is to be done on a case: sealed words, for whom, until when. A translation of a tip is one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, Task
from tocsin.cases.working import locked, mark_worked_on
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.tips.languages import known
from tocsin.tips.models import Tip


@dataclass(frozen=True, slots=True)
class Line:
    """A task, opened."""

    task: Task
    text: str

    @property
    def late(self) -> bool:
        """Whether its day has passed."""
        day = self.task.due_on
        return self.task.done_at is None and day is not None and day < timezone.localdate()


def add(
    case: Case, user: User, text: str, assigned_to: User | None = None, due_on: date | None = None
) -> Task:
    """Write a task down. Raises `NotAllowed` with a sentence."""
    if not text.strip():
        raise NotAllowed(_("Say what is to be done."))
    return _make(case, user, "task", assigned_to, due_on, text_sealed=sealing.seal(text.strip()))


def ask_translation(
    case: Case,
    user: User,
    tip: Tip,
    language: str,
    assigned_to: User | None = None,
    due_on: date | None = None,
) -> Task:
    """Ask for a tip's text in another language; asked twice is asked once."""
    if language not in known():
        raise NotAllowed(_("Say into which language it is to be translated."))
    if not case.case_tips.filter(tip=tip).exists():
        raise NotAllowed(_("This tip is not in the case any more."))
    there = case.tasks.filter(kind="translation", tip=tip, language=language, done_at__isnull=True).first()
    return there or _make(case, user, "translation", assigned_to, due_on, tip=tip, language=language)


def _make(
    case: Case, user: User, kind: str, assigned_to: User | None, due_on: date | None, **fields: object
) -> Task:
    _check(assigned_to)
    with write():
        row = locked(case)
        task = Task.objects.create(
            case=row,
            kind=kind,
            assigned_to=assigned_to,
            due_on=due_on,
            made_by=user,
            made_at=timezone.now(),
            **fields,
        )
        mark_worked_on(row)
        event = "translation_asked" if kind == "translation" else "task"
        events.add(row, event, user.actor, at=task.made_at, task=task.public_id, language=task.language)
        record(user.actor, f"case.{event}", row.audit_name, task=task.public_id)
    return task


def _check(assigned_to: User | None) -> None:
    if assigned_to is not None and not policy.allowed(assigned_to, "case.work"):
        raise NotAllowed(_("This person does not work on cases: choose somebody who does."))


def assign(case: Case, public_id: str, user: User, to: User | None) -> Task:
    """Give a task to somebody, or to nobody."""
    _check(to)
    with write():
        row = locked(case)
        task = _open(row, public_id)
        task.assigned_to = to
        task.save(update_fields=["assigned_to"])
        events.add(row, "task_assigned", user.actor, task=task.public_id)
        record(user.actor, "case.task_assigned", row.audit_name, task=task.public_id)
    return task


def done(case: Case, public_id: str, user: User) -> Task:
    """A task is done. A translation is done by keeping it, or given up with this."""
    with write():
        row = locked(case)
        task = _open(row, public_id)
        task.done_at, task.done_by = timezone.now(), user
        task.save(update_fields=["done_at", "done_by"])
        events.add(row, "task_done", user.actor, at=task.done_at, task=task.public_id)
        record(user.actor, "case.task_done", row.audit_name, task=task.public_id)
    return task


def _open(case: Case, public_id: str) -> Task:
    task = Task.objects.select_for_update().filter(case=case, public_id=public_id).first()
    if task is None or task.done_at is not None:
        raise NotAllowed(_("This task is done already, or not there: look at the page again."))
    return task


def of_case(case: Case) -> list[Line]:
    """The case's tasks: open ones first, by their day; then the done ones, the newest first. One query."""
    rows = list(_rows(Task.objects.filter(case=case)))
    open_ones = [row for row in rows if row.done_at is None]
    ended = sorted((row for row in rows if row.done_at), key=lambda row: -row.done_at.timestamp())  # type: ignore[union-attr]
    return [_line(row) for row in [*open_ones, *ended]]


def waiting(user: User, mine: bool = False) -> list[Line]:
    """Open tasks of all cases, or those given to this person, by their day."""
    if not policy.allowed(user, "case.read"):
        return []
    rows = Task.objects.filter(done_at__isnull=True)
    return [_line(row) for row in _rows(rows.filter(assigned_to=user) if mine else rows)[:200]]


def _rows(tasks: QuerySet[Task]) -> QuerySet[Task]:
    ordered = tasks.order_by(F("due_on").asc(nulls_last=True), "made_at", "pk")
    return ordered.select_related("case", "assigned_to", "made_by", "done_by", "tip")


def _line(task: Task) -> Line:
    return Line(task, sealing.unseal(task.text_sealed))
