"""Holds in the console: what is silent and why, by telephone by two people, lifted by a person with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases.queries import case_for
from tocsin.dispatch import hold_pages, holds
from tocsin.dispatch.answers import end_of_day
from tocsin.dispatch.models import Hold


@needs("hold.record")
@require_GET
def hold_list(request: StaffRequest) -> HttpResponse:
    """Every hold that binds; those whose clock ended first, and loudly."""
    return render(request, "dispatch/hold_list.html", hold_pages.page(request.user))


@needs("hold.record")
@require_POST
def record(request: StaffRequest, number: str) -> HttpResponse:
    """Police asked by telephone: record it, binding at once."""
    case = case_for(request.user, number)
    try:
        until = end_of_day(date.fromisoformat(request.POST.get("until", "")))
    except (ValueError, OverflowError):
        messages.error(request, _("Choose the day until which police ask for silence."))
        return redirect("cases:case", number=case.number)
    said, chosen = request.POST.get("said", ""), request.POST.getlist("identifier")
    done = _("Held from now on. Another person has to call police back and confirm it.")
    return _do(request, lambda: holds.record_by_phone(request.user, case, until, said, chosen), done)


@needs("hold.record")
@require_POST
def confirm(request: StaffRequest, public_id: str) -> HttpResponse:
    """The second person confirms a hold by telephone."""
    hold = get_object_or_404(Hold, public_id=public_id)
    return _do(request, lambda: holds.confirm(hold, request.user), _("Confirmed."))


@needs("hold.lift")
@require_POST
def lift(request: StaffRequest, public_id: str) -> HttpResponse:
    """A person lifts a hold."""
    hold = get_object_or_404(Hold, public_id=public_id)
    reason = request.POST.get("reason", "")
    return _do(
        request, lambda: holds.lift(hold, request.user, reason), _("Lifted. What was approved may leave now.")
    )


def _do(request: StaffRequest, act: Callable[[], object], done: str) -> HttpResponse:
    """Run one writer and go back to where the person was."""
    try:
        act()
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("dispatch:holds")
