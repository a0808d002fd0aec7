"""Hubs: the distribution of degrees, the threshold and what another one would do, the list, and changes by two people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.linking import degree, hub_page, hubs
from tocsin.linking.forms import HubForm, ThresholdForm
from tocsin.linking.models import Hub

PAGE, SHOWN = 100, 50


@require_GET
@needs("hubs.read")
def listing(request: StaffRequest) -> HttpResponse:
    """The page. With `?value=`, what this threshold would change; nothing is written."""
    return _page(request, HubForm(initial={"text": request.GET.get("text", "")}))


@require_POST
@needs("hubs.threshold")
def threshold(request: StaffRequest) -> HttpResponse:
    """Set the number from which something is a hub, or is proposed as a bystander."""
    name, form = request.POST.get("name", ""), ThresholdForm(request.POST)
    try:
        hubs.set_threshold(name, form.cleaned_data["value"] if form.is_valid() else 0, request.user)
        messages.success(request, _("The threshold is set. It counts from now on."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("hubs:list")


@require_POST
@needs("hubs.threshold")
def apply(request: StaffRequest) -> HttpResponse:
    """What reaches the threshold and is no hub yet becomes one now."""
    n = hubs.apply_threshold()
    said = ngettext("%(n)d identifier is a hub now.", "%(n)d identifiers are hubs now.", n) % {"n": n}
    messages.success(request, said)
    return redirect("hubs:list")


@require_POST
@needs("hubs.propose")
def propose(request: StaffRequest) -> HttpResponse:
    """Propose that something is a hub; a mistake brings the page back with what was typed."""
    form = HubForm(request.POST)
    if form.is_valid():
        try:
            one = hub_page.identifier_from(form.cleaned_data["text"])
            hubs.propose(request.user, one, hub=True, reason=form.cleaned_data["reason"])
            messages.success(request, _("Proposed: it counts as soon as another person approves it."))
            return redirect("hubs:list")
        except NotAllowed as refusal:
            form.add_error("text", str(refusal))
    return _page(request, form, status=400)


@require_POST
@needs("hubs.propose")
def reverse(request: StaffRequest, public_id: str) -> HttpResponse:
    """Propose the opposite of what the list says."""
    row = get_object_or_404(Hub.objects.select_related("identifier"), identifier__public_id=public_id)
    try:
        hubs.propose(
            request.user, row.identifier, hub=not row.hub, reason=request.POST.get("reason", "")[:2000]
        )
        messages.success(request, _("Proposed: it counts as soon as another person approves it."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("hubs:list")


def _page(request: StaffRequest, form: HubForm, status: int = 200) -> HttpResponse:
    now = degree.threshold("hub")
    asked = ThresholdForm(request.GET if "value" in request.GET else {"value": now})
    value = asked.cleaned_data["value"] if asked.is_valid() else now
    would = hubs.would_be(value)
    page: Any = Paginator(hubs.listed(), PAGE).get_page(request.GET.get("page"))
    context = {
        "now": now,
        "value": value,
        "asked": asked,
        "bars": hub_page.bars("hub", value),
        "would": would[:SHOWN],
        "would_count": len(would),
        "below": hub_page.below(value),
        "page": page,
        "waiting": hub_page.waiting(),
        "bystander_now": degree.threshold("bystander"),
        "bystander_bars": hub_page.bars("bystander", degree.threshold("bystander")),
        "bystanders": hubs.bystander_proposals(),
        "form": form,
        "may_propose": policy.allowed(request.user, "hubs.propose"),
        "may_set": policy.allowed(request.user, "hubs.threshold"),
    }
    return render(request, "linking/hubs.html", context, status=status)
