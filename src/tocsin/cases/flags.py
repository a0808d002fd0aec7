"""What a person should look at: raised once while it waits, settled by a person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, Flag
from tocsin.cases.working import locked
from tocsin.lib.writing import write

REOPEN, BACK_AGAIN, BURST, NUMBER_WANTED, GLUED = "reopen", "back_again", "burst", "number_wanted", "glued"
DONE, DISMISSED = "done", "dismissed"  # how it was settled: acted upon, or nothing to do


def raise_flag(case: Case, kind: str, about: str = "", **facts: Any) -> bool:
    """Ask a person to look; nothing where the same question waits already. Inside `with write():`.

    `about`: a public id, so that a case may ask about two things at once. `facts`: numbers, codes, public ids.
    """
    if Flag.objects.filter(case=case, kind=kind, about=about, settled_at__isnull=True).exists():
        return False
    flag = Flag.objects.create(case=case, kind=kind, about=about, facts=facts, at=timezone.now())
    events.add(case, "flag_raised", "worker", flag=kind)
    record("worker", "case.flag", case.audit_name, kind=kind, flag=flag.public_id)
    return True


def settle(public_id: str, user: User, how: str = DONE) -> Flag:
    """A person answered. `NotAllowed` where somebody else did before."""
    with write():
        flag = Flag.objects.select_for_update().select_related("case").filter(public_id=public_id).first()
        if flag is None or flag.settled_at is not None:
            raise NotAllowed(_("Somebody has answered this already."))
        case = locked(flag.case)
        flag.settled_at, flag.settled_by, flag.settled_how = timezone.now(), user, how
        flag.save(update_fields=["settled_at", "settled_by", "settled_how"])
        events.add(case, "flag_settled", user.actor, flag=flag.kind, how=how)
        record(user.actor, "case.flag_settled", case.audit_name, kind=flag.kind, how=how)
    return flag


def of_case(case: Case) -> list[Flag]:
    """What waits on this case, the newest first."""
    return list(case.flags.filter(settled_at__isnull=True).order_by("-at", "-pk"))


def waiting() -> QuerySet[Flag]:
    """What waits on all cases, the oldest first."""
    return Flag.objects.filter(settled_at__isnull=True).select_related("case").order_by("at", "pk")
