"""Plans: who is told about what, in which order. Writes drafts; `propose.py` makes them ready for approval."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases import wanted as wanted_numbers
from tocsin.cases.models import Case
from tocsin.directory.models import RecipientKind
from tocsin.dispatch import categories
from tocsin.dispatch.models import Dispatch, DispatchItem, DispatchKind, Order, Plan
from tocsin.dispatch.propose import approve, propose, reject
from tocsin.dispatch.render import language_of
from tocsin.dispatch.suggest import Line, reported, suggest, suggest_draft
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.lib import sealing
from tocsin.lib.ids import ALPHABET
from tocsin.lib.writing import write

__all__ = ["Line", "approve", "draft", "make", "propose", "reject", "reported", "suggest", "suggest_draft"]


def make(
    case: Case,
    user: User | None,
    order: str,
    lines: Sequence[Line],
    words: str = "",
    category: str = "",
) -> Plan:
    """Write a plan with a draft dispatch a line. Lines without recipient or identifiers are left out.

    `words` are the analyst's own words, for every line without words of its own; `category` is a code of
    `categories.py`, proposed by the tips' answers when empty. Without a user it is a draft by software, which
    can never be proposed. Raises `NotAllowed` with a sentence.
    """
    wanted = [line for line in lines if line.recipient is not None and line.identifiers]
    confirmed = reported(case)
    if user is not None:
        _refuse(case, order, wanted, confirmed)
    code = category or categories.proposed(case)
    with write():
        plan = Plan.objects.create(
            case=case, order=order, made_by=user, made_at=timezone.now(), category=code
        )
        for line in wanted:
            write_draft(plan, line, line.words or words, confirmed)
        if user is not None:
            notices = sum(line.kind == DispatchKind.NOTICE for line in wanted)
            facts: dict[str, Any] = {"order": order, "notices": notices, "referrals": len(wanted) - notices}
            events.add(case, "plan_made", user.actor, plan=plan.public_id, **facts)
            record(user.actor, "plan.made", f"plan:{plan.public_id}", case=case.number, **facts)
            wanted_numbers.ask(case)  # once an account is suspended, nobody can read its number
    return plan


def draft(case: Case) -> Plan:
    """The plan that software drafts (`tocsin process`): all that could be told, nothing that can leave.

    The cities that most tips name decide about police. A second call gives the plan that is there.
    """
    found = Plan.objects.filter(case=case, made_by__isnull=True, supplement_to__isnull=True).first()
    if found:
        return found
    lines = [line for line in suggest_draft(case) if line.preset]
    police = any(line.kind == DispatchKind.REFERRAL for line in lines)
    return make(case, None, Order.POLICE_FIRST if police else Order.TOGETHER, lines)


def _refuse(case: Case, order: str, lines: Sequence[Line], confirmed: dict[Identifier, User]) -> None:
    """The reasons for which a person's plan is not written."""
    if case.merged_into_id:
        raise NotAllowed(_("This case was merged into another one: plan there."))
    if not lines:
        raise NotAllowed(_("Nothing is ticked: choose at least one recipient with one identifier."))
    if any(identifier not in confirmed for line in lines for identifier in line.identifiers):
        raise NotAllowed(_("Only identifiers that a person marked as reported can be told to anybody."))
    if order not in Order.values:
        raise NotAllowed(_("Choose who hears first."))
    police = [line for line in lines if line.recipient and line.recipient.kind == RecipientKind.POLICE]
    if order == Order.POLICE_FIRST and not police:
        raise NotAllowed(
            _("“Police first” needs a referral to police in the plan: choose one, or “together”.")
        )


def write_draft(plan: Plan, line: Line, words: str, confirmed: dict[Identifier, User]) -> Dispatch:
    """A line of a plan as a draft, with its items. Inside `with write():`."""
    assert line.recipient is not None  # noqa: S101 - filtered by the caller; tells the type checker
    dispatch = Dispatch.objects.create(
        plan=plan,
        case=plan.case,
        kind=line.kind,
        recipient=line.recipient,
        reference=new_reference(),
        language=language_of(line.recipient),
        words_sealed=sealing.seal(words.strip()) if words.strip() else None,
    )
    DispatchItem.objects.bulk_create(
        DispatchItem(
            dispatch=dispatch,
            identifier=identifier,
            role=MentionRole.REPORTED if identifier in confirmed else MentionRole.UNKNOWN,
            role_confirmed_by=confirmed.get(identifier),
        )
        for identifier in line.identifiers
    )
    return dispatch


def new_reference() -> str:
    """A recipient's own reference: T- and 8 random base-32 characters; says nothing about case or order."""
    while True:
        reference = "T-" + "".join(secrets.choice(ALPHABET.upper()) for _ in range(8))
        if not Dispatch.objects.filter(reference=reference).exists():
            return reference
