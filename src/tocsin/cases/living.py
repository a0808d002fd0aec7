"""Cases live on after people acted: a tip on a closed one proposes reopening, an account that is gone may be back, a
number that was asked for may be in a new tip. Called by whoever brings something into a case, in its transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from tocsin.audit.record import record
from tocsin.cases import back_again, events, flags, wanted
from tocsin.cases.models import Case, CaseState, Flag
from tocsin.identifiers.models import Identifier
from tocsin.tips.models import Tip

Pairs = Sequence[tuple[Case, Sequence[Tip]]]


def opened(pairs: Pairs) -> None:
    """Cases were opened with these tips. Inside `with write():`, behind the gate."""
    back_again.look({tip.pk: case for case, tips in pairs for tip in tips})


def joined(pairs: Pairs) -> None:
    """These tips joined these cases. A closed case stays closed until a person reopens it."""
    _propose_reopening([case for case, _tips in pairs if case.state == CaseState.CLOSED])
    back_again.look({tip.pk: case for case, tips in pairs for tip in tips})
    wanted.follow(case for case, _tips in pairs)


def written(case: Case, rows: Sequence[Identifier], at: datetime | None = None) -> None:
    """A person wrote these down in the case: a finding, or who owns what. Inside `with write():`."""
    back_again.look_at(case, rows, at or timezone.now())
    wanted.follow([case])


def _propose_reopening(closed: Sequence[Case]) -> None:
    if not closed:
        return
    waiting = Flag.objects.filter(case__in=closed, kind=flags.REOPEN, settled_at__isnull=True)
    asked = set(waiting.values_list("case_id", flat=True))
    for case in closed:
        if case.pk not in asked:
            flags.raise_flag(case, flags.REOPEN)


def reopened(case: Case, actor: str) -> None:
    """Somebody reopened the case: the proposal is answered. Inside the transaction of the state."""
    by = int(actor.partition(":")[2]) if actor.startswith("user:") else None
    flag = Flag.objects.filter(case=case, kind=flags.REOPEN, settled_at__isnull=True).first()
    if flag is None:
        return
    flag.settled_at, flag.settled_by_id, flag.settled_how = timezone.now(), by, flags.DONE
    flag.save(update_fields=["settled_at", "settled_by", "settled_how"])
    if case.alarms.filter(begun_at__gte=flag.at).exists():  # somebody was called about these tips already
        case.paged = True
        case.save(update_fields=["paged"])
    events.add(case, "flag_settled", actor, flag=flags.REOPEN, how=flags.DONE)
    record(actor, "case.flag_settled", case.audit_name, kind=flags.REOPEN, how=flags.DONE)


def tips_since_closing(case: Case) -> int:
    """How many tips joined after the case was closed the last time."""
    closings = case.events.filter(kind="state", facts__state=CaseState.CLOSED.value)
    closed = closings.order_by("-at", "-pk").values_list("at", flat=True).first()
    tips = case.case_tips.all()
    return (tips.filter(at__gte=closed) if closed else tips).count()
