"""The plan panel of a case, one dispatch, and the posts that propose and release."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import panels
from tocsin.cases.models import Case
from tocsin.cases.queries import case_for
from tocsin.dispatch import categories, queries, ticks
from tocsin.dispatch import plan as planning
from tocsin.dispatch import release as releasing
from tocsin.dispatch.forms import PlanForm, ReleaseForm
from tocsin.dispatch.models import DispatchKind, Order, Plan
from tocsin.dispatch.render import shown
from tocsin.lib.writing import write


@require_GET
@needs("dispatch.plan")
def plan_panel(request: StaffRequest, number: str) -> HttpResponse:
    """Proposed lines with their reasons, and where everything that was planned stands."""
    case = case_for(request.user, number)
    return panels.answer(request, case, _("Who is told"), "dispatch/plan_panel.html", _context(request, case))


def _context(request: StaffRequest, case: Case, data: QueryDict | None = None) -> dict[str, Any]:
    lines = planning.suggest(case)
    police = any(
        line.kind == DispatchKind.REFERRAL for line in lines
    )  # also where police must still be chosen
    first = {"order": Order.POLICE_FIRST if police else Order.TOGETHER, "category": categories.proposed(case)}
    offers = ticks.offers([line for line in lines if line.recipient], data)
    return {
        "case": case,
        "offers": [(offer, [(row, chosen, shown(row)) for row, chosen in offer.items]) for offer in offers],
        "orphans": [
            (line, [shown(row) for row in line.identifiers])
            for line in lines
            if line.recipient is None and line.kind == DispatchKind.NOTICE
        ],
        "choose_police": [
            line for line in lines if line.recipient is None and line.kind == DispatchKind.REFERRAL
        ],
        "police_choices": ticks.police_choices() if lines else [],
        "chosen_police": data.get("police", "") if data else "",
        "plan_form": PlanForm(data) if data else PlanForm(initial=first),
        "plans": [
            (plan, standings, queries.can_release(plan, request.user), queries.why_released(plan))
            for plan, standings in queries.plans(case)
        ],
        "release_form": ReleaseForm(),
    }


@require_POST
@needs("dispatch.plan")
def plan(request: StaffRequest, number: str) -> HttpResponse:
    """Make the plan that was ticked and propose it, in one go; what was typed survives a refusal."""
    case = case_for(request.user, number)
    form = PlanForm(request.POST)
    try:
        if not form.is_valid():
            raise NotAllowed(_("Choose an order and a category; each text may have 4,000 characters."))
        given = form.cleaned_data
        with write():
            lines = ticks.ticked(case, request.POST, given["words"], given["words_police"])
            made = planning.make(case, request.user, given["order"], lines, category=given["category"])
            proposed = planning.propose(made, request.user)
    except NotAllowed as refusal:
        context = _context(request, case, request.POST) | {"refusal": str(refusal)}
        context |= {"panel_title": _("Who is told"), "panel_template": "dispatch/plan_panel.html"}
        return render(request, "cases/panel_page.html", context, status=409)
    messages.success(
        request, _("%(count)s proposed. Another person must approve now.") % {"count": len(proposed)}
    )
    return redirect("cases:case", case.number)


@require_POST
@needs("dispatch.plan")
def propose(request: StaffRequest, public_id: str) -> HttpResponse:
    """Propose the drafts of a plan that were not proposed yet."""
    found = _plan(request, public_id)
    try:
        planning.propose(found, request.user)
        messages.success(request, _("Proposed. Another person must approve now."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", found.case.number)


@require_POST
@needs("dispatch.release")
def release(request: StaffRequest, public_id: str) -> HttpResponse:
    """A person lets the notices of a plan leave without an answer of police."""
    found = _plan(request, public_id)
    form = ReleaseForm(request.POST)
    try:
        releasing.release_plan(found, request.user, form.cleaned_data["why"] if form.is_valid() else "")
        messages.success(request, _("Released: approved notices leave now, unless a hold binds them."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", found.case.number)


def _plan(request: StaffRequest, public_id: str) -> Plan:
    found = get_object_or_404(Plan.objects.select_related("case"), public_id=public_id, made_by__isnull=False)
    case_for(request.user, found.case.number)
    return found


@require_GET
@needs("case.read")
def dispatch(request: StaffRequest, public_id: str) -> HttpResponse:
    """One dispatch: the letter as it leaves, its items with their answers, and its times."""
    found = queries.find(request.user, public_id)
    rows = found.items.select_related("identifier").order_by("pk")
    context = {
        "dispatch": found,
        "items": [(row, shown(row.identifier)) for row in rows],
        "standing": queries.standing(found),
        "rejection": queries.rejection(found),
    }
    return render(request, "dispatch/preview.html", context)
