"""The console's page of switches: for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.tips import switches


@require_GET
@needs("switches.set")
def page(request: StaffRequest) -> HttpResponse:
    """What can be switched, how it stands, since when, by whom and why."""
    return render(request, "tips/switches.html", {"standing": switches.standing(), "most": switches.MAX_WHY})


@require_POST
@needs("switches.set")
def flip(request: StaffRequest, name: str) -> HttpResponse:
    """Switch one on or off."""
    try:
        on = request.POST.get("on") == "yes"
        switches.flip(request.user, name, on, request.POST.get("why", ""))
        messages.success(request, _("It is on now.") if on else _("It is off now."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("switches:page")
