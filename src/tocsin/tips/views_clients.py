"""The console's page of API keys: for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.tips import clients


@require_GET
@needs("clients.manage")
def listing(request: StaffRequest) -> HttpResponse:
    """Which machines have a key, since when, with which scopes."""
    return _page(request)


@require_POST
@needs("clients.manage")
def create(request: StaffRequest) -> HttpResponse:
    """Make a key; this answer is the only place where it is ever shown."""
    try:
        client, key = clients.create(
            request.user,
            request.POST.get("name", ""),
            request.POST.getlist("scopes"),
            request.POST.get("campaign", "").strip(),
            request.POST.get("acts_as", "").strip(),
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("clients:list")
    return _page(request, key=key, made=client)


@require_POST
@needs("clients.manage")
def revoke(request: StaffRequest, public_id: str) -> HttpResponse:
    """End a key."""
    try:
        clients.revoke(request.user, public_id)
        messages.success(request, _("The key is revoked."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("clients:list")


def _page(request: StaffRequest, **more: object) -> HttpResponse:
    shown = {"clients": clients.listed(), "scopes": clients.offered(), "most": clients.MAX_NAME}
    return render(request, "tips/clients.html", shown | more)
