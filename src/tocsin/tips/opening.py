"""The state of tips, as people of the hotline move it: opened, actionable or not, closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record_many
from tocsin.lib.writing import write
from tocsin.tips import messages, unusable
from tocsin.tips.messages import Box
from tocsin.tips.models import Tip, TipState

_UNDECIDED = (TipState.RECEIVED, TipState.OPENED)
_DECIDED = (TipState.ACTIONABLE, TipState.NOT_ACTIONABLE)


def mark_opened(tips: Iterable[Tip], user: User) -> int:
    """A person looks at them for the first time; returns how many were not opened yet."""
    return _move(tips, (TipState.RECEIVED,), TipState.OPENED, user, opened_at=timezone.now())


def mark_actionable(tips: Iterable[Tip], user: User, actionable: bool = True) -> int:
    """A person decided whether something can be done with them; the decision may be changed until closing."""
    state = TipState.ACTIONABLE if actionable else TipState.NOT_ACTIONABLE
    before = (*_UNDECIDED, *(other for other in _DECIDED if other != state))
    return _move(tips, before, state, user, not_actionable_why="")


def mark_not_actionable(tips: Iterable[Tip], why: str, user: User) -> tuple[int, int]:
    """Keep tips that cannot be used, with the reason (a code of `data/unusable.toml`); (tips moved, answers sent).

    Each reporter reads the reason's answer in the mailbox, in the tip's language. Raises `NotAllowed`: for an
    unknown reason, or where police asked for silence about one of these mailboxes (then nothing is changed).
    """
    reason = unusable.reasons().get(why)
    if reason is None:
        raise NotAllowed(_("Choose a reason."))
    with write():
        before = (*_UNDECIDED, TipState.ACTIONABLE)
        going = list(Tip.objects.filter(pk__in=[tip.pk for tip in tips], state__in=before).order_by("pk"))
        moved = _move(going, before, TipState.NOT_ACTIONABLE, user, not_actionable_why=why)
        return moved, _answer(going, reason, user)


def _answer(tips: list[Tip], reason: unusable.Reason, user: User) -> int:
    """One message a mailbox; none where the reason has no answer or nobody holds the receipt."""
    words = {Box.of(tip): reason.answer(tip.language) for tip in tips}
    there = messages.reachable(words) if reason.answers else []
    return messages.send_each([(box, words[box]) for box in there], user) if there else 0


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
        Tip.objects.filter(pk__in=[pk for pk, _name in moving]).update(state=after, copy_due=True, **also)
        record_many((user.actor, f"tip.{after.value}", f"tip:{name}", {}) for _pk, name in moving)
    return len(moving)
