"""What a person does on a case: roles, findings, notes, the subject. Each view calls one writer."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import findings, notes, opening, page, panels, queries, states
from tocsin.cases import reveal as revealing
from tocsin.cases import roles as roles_writer
from tocsin.cases import subject as subjects
from tocsin.cases.forms import FindingForm, NoteForm, SubjectForm
from tocsin.cases.models import Case, CaseState
from tocsin.identifiers.extract import display
from tocsin.identifiers.roles import MentionRole
from tocsin.tips import queries as tips
from tocsin.tips.models import Tip


@require_POST
@needs("case.work")
def roles(request: StaffRequest, number: str) -> HttpResponse:
    """Set the roles that changed since the table was shown; one table, one button."""
    case = queries.case_for(request.user, number)
    done = 0
    for name, role in request.POST.items():
        kind, _dash, public_id = name.partition("-")
        if (
            kind != "role"
            or role not in MentionRole.values
            or request.POST.get(f"was-{public_id}", "") == role
        ):
            continue
        try:
            roles_writer.set_role(case, public_id, role, request.user)
            done += 1
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
    if done:
        messages.success(request, ngettext("%(n)d role is set.", "%(n)d roles are set.", done) % {"n": done})
    return _back(case, "identifiers")


@require_POST
@needs("case.work")
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """Show one sealed identifier; the look is recorded."""
    case = queries.case_for(request.user, number)
    triple = revealing.reveal(case, request.POST.get("public_id", ""), request.user)
    if triple is None:
        raise Http404
    kind, platform, canonical = triple
    context = {
        "kind": kind,
        "platform": platform,
        "canonical": canonical,
        "shown": display(kind, platform, canonical),
    }
    return panels.answer(request, case, _("A sealed identifier"), "cases/revealed.html", context)


@require_POST
@needs("case.work")
def contact(request: StaffRequest, number: str, public_id: str) -> HttpResponse:
    """Show how a reporter may be reached; the look is recorded."""
    case = queries.case_for(request.user, number)
    tip = get_object_or_404(Tip, case_tip__case=case, public_id=public_id)
    context = {"contact": tips.contact(tip, request.user)}
    return panels.answer(request, case, _("How to reach the reporter"), "cases/contact.html", context)


@require_POST
@needs("case.work")
def finding(request: StaffRequest, number: str) -> HttpResponse:
    """Add what the analyst found without a tip."""
    case, form = queries.case_for(request.user, number), FindingForm(request.POST)
    if not form.is_valid():
        return _again(request, case, finding=form)
    asked = form.cleaned_data
    try:
        findings.add(case, request.user, asked["text"], asked["note"], asked["role"])
    except NotAllowed as refusal:
        form.add_error("text", str(refusal))
        return _again(request, case, finding=form)
    messages.success(request, _("The finding is in the case."))
    return _back(case, "identifiers")


@require_POST
@needs("case.work")
def note(request: StaffRequest, number: str) -> HttpResponse:
    """Add a note."""
    case, form = queries.case_for(request.user, number), NoteForm(request.POST)
    if not form.is_valid():
        return _again(request, case, note=form)
    notes.add(case, request.user, form.cleaned_data["text"])
    messages.success(request, _("The note is kept."))
    return _back(case, "notes")


@require_POST
@needs("case.work")
def subject(request: StaffRequest, number: str) -> HttpResponse:
    """Say who the case is about, as far as it is known."""
    case = queries.case_for(request.user, number)
    form = SubjectForm(request.POST, proposed=queries.proposed_cities(case))
    if not form.is_valid():
        return _again(request, case, subject=form)
    asked = form.cleaned_data
    try:
        subjects.set_subject(
            case,
            request.user,
            asked["name"],
            asked["city"],
            asked["country"],
            asked["grade"],
            aliases=asked["aliases"].splitlines(),
            role=asked["role"],
            basis=asked["basis"] or None,
            review_on=asked["review_on"],
        )
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _again(request, case, subject=form)
    messages.success(request, _("The subject is kept."))
    return _back(case, "subject")


@require_POST
@needs("case.work")
def state(request: StaffRequest, number: str) -> HttpResponse:
    """Close a case, or open it again."""
    case, wanted = queries.case_for(request.user, number), request.POST.get("state", "")
    if wanted not in (CaseState.CLOSED, CaseState.REOPENED):
        raise Http404
    try:
        states.set_state(case, CaseState(wanted), request.user.actor)
        messages.success(
            request, _("The case is closed.") if wanted == CaseState.CLOSED else _("The case is open again.")
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", case.number)


@require_POST
@needs("case.work")
def open_loose(request: StaffRequest, public_id: str) -> HttpResponse:
    """Open a case for a tip that is in none."""
    tip = get_object_or_404(Tip, public_id=public_id)
    try:
        case = opening.open_by_hand(tip, request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("cases:loose")
    messages.success(request, _("The case is open."))
    return redirect("cases:case", case.number)


def _back(case: Case, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('cases:case', args=[case.number])}#{anchor}")


def _again(request: StaffRequest, case: Case, **form: Form) -> HttpResponse:
    """The case page again, with what was typed and what is in the way."""
    messages.error(request, _("Nothing was kept yet: see below what is missing."))
    return render(request, "cases/case.html", page.context(case, request.user, forms=form), status=400)
