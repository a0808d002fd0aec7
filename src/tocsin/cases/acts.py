"""Acts on cases by a command or a machine, as a person: the functions of the pages, and a record of the way.

The person's rights decide, and a person can only propose what needs four eyes (design 5.5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import changes
from tocsin.cases.models import Case, Change
from tocsin.lib.writing import write

Done = TypeVar("Done")


def through(via: str, user: User, case: Case, verb: str, act: Callable[[], Done]) -> Done:
    """Do `act` as `user`; the audit says beside it by which way (`cli:NAME`, `client:ID`), in one transaction.

    Raises `NotAllowed` with the sentence of the act, or where the person may not work on cases.
    """
    if not policy.allowed(user, "case.work", case):
        raise NotAllowed(_("This person may not work on cases."))
    with write():
        done = act()
        record(via, f"case.{verb}_asked", case.audit_name, user=user.actor)
    return done


def undo(via: str, user: User, public_id: str, case: Case | None = None) -> Change:
    """Take a change back; with `case`, only one of its own."""
    found = Change.objects.select_related("case", "other").filter(public_id=public_id).first()
    if found is None or (case is not None and case not in (found.case, found.other)):
        raise NotAllowed(_("There is no such change."))
    return through(via, user, found.case, "undo", lambda: changes.undo(public_id, user))
