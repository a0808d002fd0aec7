"""Analysts' notes, sealed."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, Note
from tocsin.cases.working import locked, mark_worked_on
from tocsin.lib import sealing
from tocsin.lib.writing import write


def add(case: Case, user: User, text: str) -> Note:
    """Keep a note, sealed; the case counts as worked on. A blank note is refused."""
    if not text.strip():
        raise NotAllowed(_("The note is empty."))
    with write():
        row = locked(case)
        note = Note.objects.create(
            case=row, text_sealed=sealing.seal(text.strip()), by=user, at=timezone.now()
        )
        mark_worked_on(row)
        events.add(row, "note", user.actor, at=note.at)
        record(user.actor, "case.note", row.audit_name)
    return note
