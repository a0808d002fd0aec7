"""Who can act, and which routes a person confirmed."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.directory import confirm as confirming
from tocsin.directory import queries
from tocsin.directory.forms import ConfirmForm, FilterForm
from tocsin.directory.models import Recipient, Route

PAGE = 50


@require_GET
@needs("directory.read")
def recipients(request: StaffRequest) -> HttpResponse:
    """The list, filtered by kind and name."""
    form = FilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {"kind": "", "q": ""}
    page = Paginator(queries.recipients(asked["kind"], asked["q"]), PAGE).get_page(request.GET.get("page"))
    return render(request, "directory/recipients.html", {"page": page, "form": form})


@require_GET
@needs("directory.read")
def recipient(request: StaffRequest, public_id: str) -> HttpResponse:
    """One recipient with its routes."""
    found = get_object_or_404(Recipient, public_id=public_id)
    context = {
        "recipient": found,
        "routes": found.routes.select_related("confirmed_by").order_by("pk"),
        "may_confirm": policy.allowed(request.user, "directory.confirm"),
        "form": ConfirmForm(),
    }
    return render(request, "directory/recipient.html", context)


@require_POST
@needs("directory.confirm")
def confirm(request: StaffRequest, public_id: str) -> HttpResponse:
    """Record that a person confirmed a route."""
    route = get_object_or_404(Route.objects.select_related("recipient"), public_id=public_id)
    form = ConfirmForm(request.POST)
    try:
        confirming.confirm(route, request.user, form.cleaned_data["note"] if form.is_valid() else "")
        messages.success(request, _("The route is confirmed; it can be used now."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("directory:recipient", route.recipient.public_id)
