"""The assessment panel, and the page on which a second person approves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import REGISTER, NotAllowed, Registered
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import panels
from tocsin.cases import queries as cases
from tocsin.cases.models import Case
from tocsin.review import queries
from tocsin.review.assess import assess as write_assessment
from tocsin.review.decide import approve_many
from tocsin.review.forms import AssessForm, RejectForm

PAGE = 50


@require_GET
@needs("case.read")
def assess_panel(request: StaffRequest, number: str) -> HttpResponse:
    """What was decided so far, and the form for a new assessment."""
    case = cases.case_for(request.user, number)
    return _panel(request, case, AssessForm())


@require_POST
@needs("case.assess")
def assess(request: StaffRequest, number: str) -> HttpResponse:
    """Write an assessment down; a form that lacks something comes back as it was filled in."""
    case = cases.case_for(request.user, number)
    form = AssessForm(request.POST)
    if not form.is_valid():
        return _panel(request, case, form)
    try:
        write_assessment(case, request.user, **form.cleaned_data)
        messages.success(request, _("The assessment is written down."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _panel(request, case, form)
    return redirect("cases:case", case.number)


def _panel(request: StaffRequest, case: Case, form: AssessForm) -> HttpResponse:
    made = [(row, queries.rationale(row)) for row in queries.assessments(case)]
    context = {
        "form": form,
        "assessments": made,
        "may_assess": policy.allowed(request.user, "case.assess", case),
    }
    return panels.answer(request, case, _("Assessment"), "review/assess_panel.html", context)


@require_GET
@needs("approvals.read")
def approvals(request: StaffRequest) -> HttpResponse:
    """Everything that waits for a second person, the most urgent first."""
    kind = request.GET.get("kind", "")
    everything = queries.waiting()
    page: Any = Paginator([one for one in everything if kind in ("", one.kind)], PAGE).get_page(
        request.GET.get("page")
    )
    kinds = [
        (key, queries.title(entry), sum(one.kind == key for one in everything))
        for key, entry in REGISTER.items()
    ]
    context = {
        "page": page,
        "proposals": queries.proposals(page.object_list, request.user),
        "kinds": kinds,
        "kind": kind,
        "may_decide": policy.allowed(request.user, "approvals.decide"),
    }
    return render(request, "review/approvals.html", context)


@require_GET
@needs("approvals.read")
def approval(request: StaffRequest, kind: str, public_id: str) -> HttpResponse:
    """One proposal: exactly what is approved, and the two buttons."""
    entry, item = _found(kind, public_id)
    return _item_page(request, entry, item, RejectForm())


@require_POST
@needs("approvals.decide")
def approve(request: StaffRequest, kind: str, public_id: str) -> HttpResponse:
    """Approve what was shown: the digest in the form says what that was."""
    entry, item = _found(kind, public_id)
    try:
        entry.approve(item, request.user, request.POST.get("digest", ""))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("review:approval", kind, public_id)
    messages.success(request, _("Approved: %(what)s") % {"what": entry.describe(item)})
    return redirect("review:approvals")


@require_POST
@needs("approvals.decide")
def reject(request: StaffRequest, kind: str, public_id: str) -> HttpResponse:
    """Say no, with a reason; the words stay in the form when something is missing."""
    entry, item = _found(kind, public_id)
    form = RejectForm(request.POST)
    if not form.is_valid():
        return _item_page(request, entry, item, form)
    try:
        entry.reject(item, request.user, form.cleaned_data["reason"])
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _item_page(request, entry, item, form)
    messages.success(request, _("Not approved; it goes back to its proposer."))
    return redirect("review:approvals")


@require_POST
@needs("approvals.decide")
def approve_several(request: StaffRequest) -> HttpResponse:
    """Approve the ticked ones, each by itself."""
    result = approve_many(request.POST.getlist("item")[:PAGE], request.user)
    if result.approved:
        said = ngettext("%(n)d approved.", "%(n)d approved.", result.approved) % {"n": result.approved}
        messages.success(request, said)
    for line, reason in result.refused:
        messages.error(request, f"{line}: {reason}")
    if not result.approved and not result.refused:
        messages.info(request, _("Nothing was ticked."))
    return redirect("review:approvals")


def _found(kind: str, public_id: str) -> tuple[Registered, Any]:
    found = queries.one(kind, public_id)
    if found is None:
        raise Http404
    return found


def _item_page(request: StaffRequest, entry: Registered, item: Any, form: RejectForm) -> HttpResponse:
    context = {
        "proposal": queries.proposal(entry.key, item, request.user),
        "item": item,
        "entry_template": entry.template,
        "waits": item.state == "proposed",
        "may_decide": policy.allowed(request.user, "approvals.decide"),
        "form": form,
    }
    return render(request, "review/approval.html", context)
