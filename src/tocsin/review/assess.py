"""Write down what a trained person decided about a case, and on what it rests."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events, states, wanted
from tocsin.cases.models import Case, CaseState
from tocsin.cases.working import locked, mark_worked_on
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.review.models import Assessment, OnWhat, Verdict
from tocsin.tips.models import Tip
from tocsin.tips.opening import mark_actionable

ILLEGAL = (Verdict.BASELINE, Verdict.NATIONAL)
BEFORE_ASSESSMENT = (CaseState.OPEN, CaseState.REOPENED)


def assess(case: Case, user: User, verdict: str, on_what: str, rationale: str = "") -> Assessment:
    """A new assessment of the case by `user`; earlier ones stay. `rationale` is sealed.

    The case becomes assessed (unless it is already further) and can no longer be merged by software; its tips
    become actionable, or not, unless the verdict is "undetermined". Of a merged case the one that lives
    on is assessed. Refuses codes that do not exist.
    """
    if verdict not in Verdict.values or on_what not in OnWhat.values:
        raise NotAllowed(_("Say what you decided, and on what it rests."))
    with write():
        row = locked(case)
        made = Assessment.objects.create(
            case=row,
            by=user,
            at=timezone.now(),
            verdict=verdict,
            on_what=on_what,
            rationale_sealed=sealing.seal(rationale.strip()) if rationale.strip() else None,
        )
        mark_worked_on(row)
        record(
            user.actor, "case.assess", row.audit_name, assessment=made.public_id, verdict=verdict, on=on_what
        )
        events.add(row, "assessed", user.actor, at=made.at, verdict=verdict, on_what=on_what)
        if row.state in BEFORE_ASSESSMENT:
            states.set_state(row, CaseState.ASSESSED, user.actor)
        if verdict in ILLEGAL:
            wanted.ask(row)
        _move_tips(row, verdict, user)
    return made


def _move_tips(case: Case, verdict: str, user: User) -> None:
    if verdict == Verdict.UNDETERMINED:
        return
    mark_actionable(Tip.objects.filter(case_tip__case=case), user, actionable=verdict in ILLEGAL)
