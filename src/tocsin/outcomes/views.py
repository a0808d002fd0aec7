"""The clock of a case, its holds, and the sentence for its reporters: panels of the case page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import panels
from tocsin.cases.queries import case_for
from tocsin.dispatch import hold_pages, holds
from tocsin.outcomes import queries
from tocsin.outcomes.release import release as release_outcome
from tocsin.tips.models import Tip
from tocsin.tips.progress import OUTCOMES


@needs("clock.read")
@require_GET
def clock_panel(request: StaffRequest, number: str) -> HttpResponse:
    """The strip from received to arrested, and what is held."""
    case = case_for(request.user, number)
    context = {
        "ticks": queries.strip(case),
        "summary": queries.summary(case),
        **hold_pages.panel(case, request.user),
    }
    return panels.answer(request, case, _("Clock"), "outcomes/clock.html", context)


@needs("outcome.release")
@require_GET
def reporter_panel(request: StaffRequest, number: str) -> HttpResponse:
    """Which sentence the reporters of this case read, and the choice of one."""
    case = case_for(request.user, number)
    tips = Tip.objects.filter(case_tip__case=case)
    told = tips.exclude(outcome="").order_by("-outcome_released_at").first()
    context = {
        "tips": tips.count(),
        "told": tips.exclude(outcome="").count(),
        "last": OUTCOMES.get(told.outcome) if told else None,
        "last_at": told.outcome_released_at if told else None,
        "outcomes": OUTCOMES,
        "held": holds.case_held(case),
    }
    return panels.answer(request, case, _("What the reporters read"), "outcomes/reporters.html", context)


@needs("outcome.release")
@require_POST
def release(request: StaffRequest, number: str) -> HttpResponse:
    """Let the reporters read the chosen sentence."""
    case = case_for(request.user, number)
    try:
        told = release_outcome(case, request.POST.get("outcome", ""), request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        text = ngettext("%(n)s reporter may read it now.", "%(n)s reporters may read it now.", told)
        messages.success(request, text % {"n": told})
    return redirect("cases:case", number=case.number)
