"""The bystander list, and how a change of it is proposed (approving is done on the approvals page); try a text."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.identifiers import bystanders as listing
from tocsin.identifiers.forms import BystanderForm, TryForm
from tocsin.identifiers.models import Bystander
from tocsin.identifiers.tried import try_text

PAGE = 100


@require_GET
@needs("bystanders.read")
def bystanders(request: StaffRequest) -> HttpResponse:
    """The list, what waits for approval, and the form."""
    return _page(request, BystanderForm())


@require_POST
@needs("bystanders.propose")
def propose(request: StaffRequest) -> HttpResponse:
    """Propose an addition; a mistake brings the page back with what was typed."""
    form = BystanderForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            triple = listing.triple_from(asked["text"])
            listing.propose(request.user, triple, asked["label"], asked["why"], asked["source"])
            messages.success(request, _("Proposed: it counts as soon as another person approves it."))
            return redirect("identifiers:bystanders")
        except NotAllowed as refusal:
            form.add_error("text", str(refusal))
    return _page(request, form, status=400)


@require_POST
@needs("bystanders.propose")
def propose_removal(request: StaffRequest, key: str) -> HttpResponse:
    """Propose to take an entry off the list."""
    entry = get_object_or_404(Bystander, key=key)
    try:
        triple = (entry.kind, entry.platform, entry.canonical)
        listing.propose(request.user, triple, entry.label, entry.why, entry.source, remove=True)
        messages.success(request, _("Proposed: it counts as soon as another person approves it."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("identifiers:bystanders")


def _page(request: StaffRequest, form: BystanderForm, status: int = 200) -> HttpResponse:
    context = {
        "page": Paginator(listing.listed(), PAGE).get_page(request.GET.get("page")),
        "waiting": listing.waiting(),
        "sent_back": listing.sent_back(request.user),
        "form": form,
        "may_propose": policy.allowed(request.user, "bystanders.propose"),
    }
    return render(request, "identifiers/bystanders.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs("identifiers.try")
def try_a_text(request: StaffRequest) -> HttpResponse:
    """What a text would give, and why. Comes by POST only and is kept nowhere."""
    if request.method != "POST":
        return render(request, "identifiers/try.html", {"form": TryForm()})
    form = TryForm(request.POST)
    tried = try_text(form.cleaned_data["text"]) if form.is_valid() else None
    status = 200 if tried else 400
    return render(request, "identifiers/try.html", {"form": form, "tried": tried}, status=status)
