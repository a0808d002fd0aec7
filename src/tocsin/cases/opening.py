"""A person opens a case: for the first time, or by hand from a loose tip."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events, grow, score
from tocsin.cases.models import Case, Placed, Scored
from tocsin.cases.numbers import gate
from tocsin.lib.writing import write
from tocsin.tips.models import Tip, TipState
from tocsin.tips.opening import mark_opened


def seen(case: Case, user: User) -> bool:
    """A person looks at the case: its unopened tips count as opened. Returns whether it was the first look."""
    first = case.seen_at is None
    new = list(Tip.objects.filter(case_tip__case=case, state=TipState.RECEIVED))
    if not first and not new:
        return False
    with write():
        now = timezone.now()
        first = bool(Case.objects.filter(pk=case.pk, seen_at__isnull=True).update(seen_at=now, seen_by=user))
        if first:
            events.add(case, "seen", user.actor, at=now)
            record(user.actor, "case.seen", case.audit_name)
        mark_opened(new, user)
    return first


def open_by_hand(tip: Tip, user: User) -> Case:
    """Make a case of a loose tip. `NotAllowed` where the tip is in a case already, or is still being read."""
    with write():
        gate()
        placed = Placed.objects.filter(tip=tip).first()
        if placed is None:
            raise NotAllowed(_("This tip is still being read: try again in a moment."))
        if not placed.loose:
            raise NotAllowed(_("This tip is in a case already."))
        (case,) = grow.open_cases([[tip]], {}, user.actor, "opened_by_hand")
        placed.loose = False
        placed.save(update_fields=["loose"])
        score.count_in(dict(Scored.objects.filter(tip=tip).values_list("tip_id", "signals")))
    case.refresh_from_db()
    return case
