"""The state of tips, as people of the hotline move it: opened, actionable or not, closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tocsin.accounts.models import User
from tocsin.audit.record import record_many
from tocsin.lib.writing import write
from tocsin.tips.models import Tip, TipState

_UNDECIDED = (TipState.RECEIVED, TipState.OPENED)
_DECIDED = (TipState.ACTIONABLE, TipState.NOT_ACTIONABLE)


def mark_opened(tips: Iterable[Tip], user: User) -> int:
    """A person looks at them for the first time; returns how many were not opened yet."""
    return _move(tips, (TipState.RECEIVED,), TipState.OPENED, user, opened_at=timezone.now())


def mark_actionable(tips: Iterable[Tip], user: User, actionable: bool = True) -> int:
    """A person decided whether something can be done with them; the decision may be changed until closing."""
    state = TipState.ACTIONABLE if actionable else TipState.NOT_ACTIONABLE
    return _move(tips, (*_UNDECIDED, *(other for other in _DECIDED if other != state)), state, user)


def close(tips: Iterable[Tip], user: User) -> int:
    """Nothing is left to do for them."""
    return _move(tips, (*_UNDECIDED, *_DECIDED), TipState.CLOSED, user)


def _move(tips: Iterable[Tip], before: tuple[TipState, ...], after: TipState, user: User, **also: Any) -> int:
    ids = [tip.pk for tip in tips]
    with write():
        rows: QuerySet[Tip] = (
            Tip.objects.select_for_update().filter(pk__in=ids, state__in=before).order_by("pk")
        )
        moving = list(rows.values_list("pk", "public_id"))
        Tip.objects.filter(pk__in=[pk for pk, _ in moving]).update(state=after, copy_due=True, **also)
        record_many((user.actor, f"tip.{after.value}", f"tip:{name}", {}) for _, name in moving)
    return len(moving)
