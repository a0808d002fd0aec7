"""Ground of every act of a person on a case: the live row, locked, and the mark that people worked on it."""

from __future__ import annotations

from tocsin.cases.models import Case


def locked(case: Case) -> Case:
    """The row as it is now, locked until the transaction ends; of a merged case, the one that lives on."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    while row.merged_into_id is not None:
        row = Case.objects.select_for_update().get(pk=row.merged_into_id)
    return row


def mark_worked_on(case: Case) -> None:
    """From now on software does not merge this case with another one that people worked on."""
    if not case.worked_on:
        case.worked_on = True
        case.save(update_fields=["worked_on"])
