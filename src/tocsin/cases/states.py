"""The state of a case: which may follow which, in one place."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.record import record
from tocsin.cases import events, living
from tocsin.cases.models import Case, CaseState
from tocsin.lib.writing import write

S = CaseState
AFTER: dict[str, frozenset[str]] = {
    S.OPEN: frozenset({S.ASSESSED, S.DISPATCHED, S.HELD, S.CLOSED}),
    S.ASSESSED: frozenset({S.DISPATCHED, S.HELD, S.CLOSED}),
    S.DISPATCHED: frozenset({S.HELD, S.CLOSED}),
    S.HELD: frozenset({S.OPEN, S.ASSESSED, S.DISPATCHED, S.REOPENED}),  # closing waits for the hold's end
    S.CLOSED: frozenset({S.REOPENED}),
    S.REOPENED: frozenset({S.ASSESSED, S.DISPATCHED, S.HELD, S.CLOSED}),
    S.MERGED: frozenset(),
}


def set_state(case: Case, state: CaseState, actor: str) -> None:
    """Move the case; the same state again changes nothing. `NotAllowed` with a sentence where it may not.

    `case` is refreshed. On two moves at once the second one sees the first.
    """
    with write():
        row = Case.objects.select_for_update().get(pk=case.pk)
        before = row.state
        case.state = before
        if before == state:
            return
        if state not in AFTER[before]:
            raise NotAllowed(_why_not(before))
        row.state = case.state = state
        row.save(update_fields=["state"])
        events.add(row, "state", actor, state=state.value)
        if state == S.REOPENED:
            living.reopened(row, actor)
        record(actor, "case.state", row.audit_name, before=before, after=state.value)


def _why_not(before: str) -> str:
    sentences = {
        S.MERGED: _("This case lives on under another number."),
        S.HELD: _("Police ask for silence about this case: it stays held until the hold is lifted."),
        S.CLOSED: _("This case is closed: reopen it first."),
    }
    return sentences.get(CaseState(before), _("The case cannot go back to that state."))
