"""Reads of the dispatch room: a case's plans, one dispatch, the letter as it leaves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from tocsin.accounts.models import User
from tocsin.accounts.policy import allowed
from tocsin.cases.kinds import CODES
from tocsin.cases.models import Case
from tocsin.dispatch import failures, holds, render
from tocsin.dispatch.models import Dispatch, DispatchKind, Order, Plan
from tocsin.dispatch.propose import as_draft
from tocsin.dispatch.release import ready
from tocsin.lib import sealing

LINK = re.compile(r"(/r/)[\w.]+")
HIDDEN = "/r/…"  # whoever holds the link can answer: it is shown to nobody but its recipient


@dataclass(frozen=True, slots=True)
class Standing:
    """A dispatch on the plan panel: where it stands and who must act next."""

    dispatch: Dispatch
    next_step: str
    waits: bool
    failure: str


def draft_text(dispatch: Dispatch) -> str:
    """The text for people as it would read now; the link is made when it is proposed."""
    return render.text(as_draft(dispatch, _("(the link is made when this is proposed)")))


def letter(dispatch: Dispatch) -> render.Letter:
    """The message exactly as it leaves, but for the key of its reply link."""
    found = render.read(dispatch.content())
    parts = [(name, LINK.sub(HIDDEN, text)) for name, text in found.parts]
    return render.Letter(found.headers, LINK.sub(HIDDEN, found.text), parts)


def find(user: User, public_id: str) -> Dispatch:
    """One dispatch, for somebody who may read its case; else Http404."""
    rows = Dispatch.objects.select_related(
        "case", "plan", "recipient", "route", "proposed_by", "approved_by", "message"
    )
    return get_object_or_404(rows if allowed(user, "case.read") else rows.none(), public_id=public_id)


def plans(case: Case) -> list[tuple[Plan, list[Standing]]]:
    """The case's plans by people, newest first, each with its dispatches, referrals first."""
    found = []
    leaving = set(ready().filter(case=case).values_list("pk", flat=True))
    for plan in (
        case.plans.filter(made_by__isnull=False).select_related("made_by", "released_by").order_by("-pk")
    ):
        rows = plan.dispatches.select_related("recipient", "proposed_by", "approved_by", "message")
        rows = rows.prefetch_related("items__identifier").order_by("-kind", "recipient__name")
        found.append((plan, [_standing(plan, row, row.pk in leaving) for row in rows]))
    return found


def can_release(plan: Plan, user: User) -> bool:
    """Whether this person may let the plan's notices leave without an answer of police."""
    waiting = plan.order == Order.POLICE_FIRST and plan.released_at is None
    notices = plan.dispatches.filter(kind=DispatchKind.NOTICE, state__in=("proposed", "approved"))
    return waiting and allowed(user, "dispatch.release") and notices.exists()


def why_released(plan: Plan) -> str:
    """The sentence for a plan's release: a person's reason, or what police answered."""
    words = CODES["why"].get(plan.released_why, plan.released_why)
    return str(words) if plan.released_at else ""


def standing(dispatch: Dispatch) -> Standing:
    """Where one dispatch stands."""
    return _standing(dispatch.plan, dispatch, ready().filter(pk=dispatch.pk).exists())


def rejection(dispatch: Dispatch) -> str:
    """Why a second person did not approve; empty without a reason."""
    return sealing.unseal(dispatch.rejection_sealed)


def _standing(plan: Plan, row: Dispatch, leaves: bool) -> Standing:
    held = row.state in ("draft", "proposed", "approved") and holds.binds(row)
    waits = held or (row.state == "approved" and not leaves)
    return Standing(row, _next(plan, row, held, leaves), waits, failures.sentence(row.failure))


def _next(plan: Plan, row: Dispatch, held: bool, leaves: bool) -> str:
    """Who must act next, in a sentence."""
    if held:
        return _("Held by police: nothing leaves.")
    if row.state == "approved":
        return (
            _("It leaves within seconds.")
            if leaves
            else _("Waits for police: “go ahead”, or a release by a reviewer.")
        )
    if row.state == "proposed":
        name = row.proposed_by.username if row.proposed_by else ""
        return _("Another person than %(name)s must approve it.") % {"name": name}
    sentences = {
        "draft": _("Somebody must propose it."),
        "queued": _("In the outbox."),
        "sent": _("The recipient must answer."),
        "acknowledged": _("The recipient must act."),
        "rejected": _("Not approved; plan again."),
        "failed": _("A person must look at it."),
    }
    return sentences.get(row.state, "")
