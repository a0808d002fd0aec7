"""What waits for people across all cases: merges with their evidence side by side, and flags."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import evidence, flag_words, flags, glued, kinds, proposals
from tocsin.cases.models import MergeProposal
from tocsin.identifiers.models import Identifier

PROPOSALS, FLAGS = 10, 50  # a page


@require_GET
@needs("case.read")
def merges(request: StaffRequest) -> HttpResponse:
    """Merges that wait: software's drafts, and people's proposals for a second person."""
    page: Any = Paginator(proposals.waiting(), PROPOSALS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": evidence.of_proposals(page, request.user),
        "may_work": policy.allowed(request.user, "case.work"),
    }
    return render(request, "cases/proposals.html", context)


@require_POST
@needs("case.work")
def agree(request: StaffRequest, public_id: str) -> HttpResponse:
    """Take up software's draft: another person approves it."""
    item = get_object_or_404(MergeProposal, public_id=public_id)
    try:
        proposals.agree(item, request.user, request.POST.get("reason", "")[:2000])
        messages.success(request, _("Proposed: they become one case as soon as another person approves it."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:proposals")


@require_POST
@needs("case.work")
def decline(request: StaffRequest, public_id: str) -> HttpResponse:
    """They stay apart."""
    item = get_object_or_404(MergeProposal, public_id=public_id)
    try:
        proposals.reject(item, request.user, request.POST.get("reason", "")[:2000])
        messages.success(request, _("They stay apart. The same evidence is not proposed again."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:proposals")


@require_GET
@needs("case.read")
def flag_list(request: StaffRequest) -> HttpResponse:
    """Everything that a person should look at, oldest first; by kind."""
    kind = request.GET.get("kind", "")
    found = flags.waiting()
    if kind in kinds.CODES["flag"]:
        found = found.filter(kind=kind)
    page: Any = Paginator(found, FLAGS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": flag_words.lines(page),
        "kinds": kinds.CODES["flag"].items(),
        "kind": kind,
        "may_work": policy.allowed(request.user, "case.work"),
    }
    return render(request, "cases/flags.html", context)


@require_POST
@needs("case.work")
def settle(request: StaffRequest, public_id: str) -> HttpResponse:
    """A person looked: acted upon, or nothing to do."""
    how = request.POST.get("how", "")
    if how not in (flags.DONE, flags.DISMISSED):
        raise Http404
    try:
        flags.settle(public_id, request.user, how)
        messages.success(request, _("Your answer is kept."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:flags")


@require_GET
@needs("case.read")
def glued_cases(request: StaffRequest, public_id: str) -> HttpResponse:
    """The cases in which tips name a hub, and into how many pieces each comes apart without it."""
    identifier = get_object_or_404(Identifier, public_id=public_id)
    page: Any = Paginator(glued.cases(identifier), PROPOSALS).get_page(request.GET.get("page"))
    context = {
        "identifier": identifier,
        "page": page,
        "rows": glued.lines(page),
        "may_work": policy.allowed(request.user, "case.work"),
    }
    return render(request, "cases/glued.html", context)


@require_POST
@needs("case.work")
def cut_glued(request: StaffRequest, public_id: str) -> HttpResponse:
    """Cut every case that the hub had glued together, at once."""
    identifier = get_object_or_404(Identifier, public_id=public_id)
    try:
        n = glued.cut_all(identifier, request.user, request.POST.get("reason", "")[:2000])
        said = ngettext("%(n)d case was cut again.", "%(n)d cases were cut again.", n) % {"n": n}
        messages.success(request, said)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:glued", identifier.public_id)
