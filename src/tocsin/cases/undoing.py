"""Take a change back, or say why that makes no sense any more."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.record import record
from tocsin.cases import dividing, events, moving, score
from tocsin.cases.models import Case, CaseState, Change, ChangeRow, Detached
from tocsin.cases.working import locked


def why_not(change: Change) -> str:
    """Why the change cannot be undone now, in a sentence; empty where it can."""
    if change.undone_at is not None:
        return _("It was undone already.")
    if change.kind == "detach":
        return "" if hasattr(change, "detachment") else _("It was undone already.")
    if "loose" in change.before:
        return (
            "" if dividing.still_loose(change) else _("Some of its tips were moved since: undo that first.")
        )
    rows = list(change.rows.all())
    if blocked := _moved_on(change, rows):
        return blocked
    if change.kind in ("split", "cut"):
        return _grown(change, rows)
    return ""


def _moved_on(change: Change, rows: list[ChangeRow]) -> str:
    """A merge whose heir merged on, or a row that lies elsewhere now."""
    target = change.other if change.kind != "merge" else change.case
    if target is not None and target.merged_into_id is not None:
        return _("Case %(number)s was merged since: undo that first.") % {"number": target.number}
    if change.kind == "merge" and change.other is not None and change.other.merged_into_id != change.case_id:
        return _("Case %(number)s is no longer merged into this one.") % {"number": change.other.number}
    if change.kind != "merge" and change.case.merged_into_id is not None:
        return _("Case %(number)s was merged since: undo that first.") % {"number": change.case.number}
    now = moving.where_now(rows)
    if any(now.get((row.model, row.row), row.target_id) != row.target_id for row in rows):
        return _("Some of its tips were moved since: undo that first.")
    return ""


def _grown(change: Change, rows: list[ChangeRow]) -> str:
    """A case made by a split which holds other things by now would vanish with them."""
    if change.other is None or not moving.other_rows(change.other, {(row.model, row.row) for row in rows}):
        return ""
    return _("Case %(number)s has grown since: merge the two cases instead.") % {
        "number": change.other.number
    }


def undo(change: Change, actor: str) -> None:
    """Inside `with write():`, behind the gate, the change locked. Raises `NotAllowed` with the sentence of `why_not`."""
    if sentence := why_not(change):
        raise NotAllowed(sentence)
    rows = list(change.rows.all())
    moving.move_back(rows)
    {"merge": _part, "detach": _attach}.get(change.kind, _vanish)(change)
    change.undone_at, change.undone_by = timezone.now(), actor
    change.save(update_fields=["undone_at", "undone_by"])
    touched = [case for case in (change.case, change.other) if case is not None]
    live = [case for case in touched if case.merged_into_id is None]
    for case in live:
        _work_again(case)
        events.add(case, "undone", actor, change=change.public_id, what=change.kind)
    record(actor, "case.undo", change.case.audit_name, change=change.public_id, kind=change.kind)
    score.recount([case.pk for case in live])


def _part(change: Change) -> None:
    """The merged case lives again, as it was; the heir forgets what it had seen only through it."""
    heir, other = change.case, _row(change.other_id)
    other.state, other.merged_into = CaseState(change.before["state"]), None
    other.save(update_fields=["state", "merged_into"])
    if not change.before["seen"] and heir.seen_at == other.seen_at:
        heir.seen_at, heir.seen_by = None, None
        heir.save(update_fields=["seen_at", "seen_by"])
    change.other = other


def _vanish(change: Change) -> None:
    """A case that a split had made leads back to where it came from. A moved tip leaves nothing behind."""
    if "loose" in change.before:
        dividing.tighten(change)
    if change.kind == "move" or change.other is None:
        return
    made = _row(change.other_id)
    made.state, made.merged_into = CaseState.MERGED, change.case
    made.save(update_fields=["state", "merged_into"])
    change.other = made


def _attach(change: Change) -> None:
    Detached.objects.filter(change=change).delete()


def _row(pk: int | None) -> Case:
    """The row itself, locked, also when it is merged."""
    return Case.objects.select_for_update().get(pk=pk or 0)


def _work_again(case: Case) -> None:
    row = locked(case)
    row.worked_on = moving.worked_on(row)
    row.save(update_fields=["worked_on"])
