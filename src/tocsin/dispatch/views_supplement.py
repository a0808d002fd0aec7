"""The panel of a supplement: what became known since, what waits for a role, and the posts that take it up or not."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import panels
from tocsin.cases.queries import case_for
from tocsin.dispatch import supplement, supplement_lines
from tocsin.dispatch.models import Plan


@require_GET
@needs("case.read")
def panel(request: StaffRequest, number: str) -> HttpResponse:
    """The draft that waits, and new identifiers that nobody has given a role yet."""
    case = case_for(request.user, number)
    plan = supplement.of_case(case)
    context = {
        "plan": plan,
        "lines": supplement_lines.lines(plan) if plan else [],
        "candidates": supplement_lines.candidates(case),
        "may_plan": policy.allowed(request.user, "dispatch.plan", case),
    }
    return panels.answer(request, case, _("Supplement"), "dispatch/supplement_panel.html", context)


@require_POST
@needs("dispatch.plan")
def take_up(request: StaffRequest, public_id: str) -> HttpResponse:
    """Propose what is ticked, or discard the draft."""
    plan = _plan(request, public_id)
    try:
        if request.POST.get("discard"):
            supplement.discard(plan, request.user)
            messages.success(
                request, _("The draft is discarded. What it names can still be planned by hand.")
            )
        else:
            proposed = supplement.take_up(plan, request.user, request.POST.getlist("dispatch"))
            said = _("%(count)s proposed. Another person must approve now.")
            messages.success(request, said % {"count": len(proposed)})
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", plan.case.number)


def _plan(request: StaffRequest, public_id: str) -> Plan:
    found = get_object_or_404(
        Plan.objects.select_related("case"), public_id=public_id, supplement_to__isnull=False
    )
    case_for(request.user, found.case.number)
    return found
