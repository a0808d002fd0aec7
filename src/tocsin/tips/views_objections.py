"""The console's pages of objections: for coordinators and administrators who were not involved."""

from __future__ import annotations

from django.contrib import messages as notes
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.lib import mailbox
from tocsin.lib.inert import inert
from tocsin.tips import desk, messages, objections
from tocsin.tips.models import Objection
from tocsin.tips.text import shown
from tocsin.tips.views import skipped

PAGE = 50


@require_GET
@needs("objection.handle")
def listed(request: StaffRequest) -> HttpResponse:
    """All objections, what waits first; their texts stay sealed."""
    found = Paginator(objections.listed(request.user), PAGE).get_page(request.GET.get("page"))
    rows = [(row, desk.objection_state(row)) for row in found]
    return render(request, "tips/objections.html", {"page": found, "rows": rows})


@require_GET
@needs("objection.handle")
def page(request: StaffRequest, public_id: str) -> HttpResponse:
    """One objection: to be taken first, then read and answered."""
    found = get_object_or_404(objections.listed(request.user), public_id=public_id)
    context = {
        "objection": found,
        "state": desk.objection_state(found),
        "mine": found.handled_by == request.user,
    }
    if context["mine"]:
        text, contact = objections.text_of(found, request.user)
        thread = messages.read_box(found.box_tag, request.user, objections.row_name(found), skipped(request))
        context |= {
            "text": inert(shown(text)),
            "contact": contact,
            "lines": [desk.line(line) for line in thread.lines],
            "older": skipped(request) + messages.SHOWN if thread.older else 0,
            "token": mailbox.new_token(),
            "most": messages.MAX_CHARACTERS,
        }
    return render(request, "tips/objection_desk.html", context)


@require_POST
@needs("objection.handle")
def take(request: StaffRequest, public_id: str) -> HttpResponse:
    """Begin to handle it, having said that one was not involved."""
    found = get_object_or_404(Objection, public_id=public_id)
    try:
        objections.take(found, request.user, request.POST.get("not_involved") == "yes")
    except NotAllowed as refusal:
        notes.error(request, str(refusal))
    return redirect("reporters:objection", public_id)


@require_POST
@needs("objection.handle")
def answer(request: StaffRequest, public_id: str) -> HttpResponse:
    """Write into the mailbox of whoever objected."""
    found = get_object_or_404(Objection, public_id=public_id)
    try:
        text, token = request.POST.get("text", ""), request.POST.get("token", "")
        objections.answer(found, text, request.user, token)
        notes.success(request, _("The answer is in the mailbox."))
    except NotAllowed as refusal:
        notes.error(request, str(refusal))
    return redirect("reporters:objection", public_id)


@require_POST
@needs("objection.handle")
def close(request: StaffRequest, public_id: str) -> HttpResponse:
    """Nothing is left to do."""
    found = get_object_or_404(Objection, public_id=public_id)
    try:
        objections.close(found, request.user)
        notes.success(request, _("The objection is closed."))
    except NotAllowed as refusal:
        notes.error(request, str(refusal))
    return redirect("reporters:objection", public_id)
