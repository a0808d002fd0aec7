"""The console's pages about reporters: messages of one tip, unusable tips, marked senders."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.tips import desk, marks, messages, opening
from tocsin.tips.messages import Box
from tocsin.tips.models import Tip

MOST_SKIPPED = 5000


@require_GET
@needs("reporter.write")
def tip(request: StaffRequest, public_id: str) -> HttpResponse:
    """The messages of one tip's mailbox, and what can be said and done; reading messages is recorded."""
    found = get_object_or_404(Tip, public_id=public_id)
    context = desk.of_tip(found, request.user, skipped(request))
    context |= {
        "back": urlsplit(request.headers.get("HX-Current-URL", "")).path,
        "may_mark": policy.allowed(request.user, "sender.mark"),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "tips/_desk.html" if fragment else "tips/desk.html", context)


@require_GET
@needs("reporter.write")
def answers(request: StaffRequest) -> HttpResponse:
    """Reporters who wrote and whom nobody read yet; their words stay sealed here."""
    return render(request, "tips/answers.html", {"rows": messages.waiting()})


@require_POST
@needs("reporter.write")
def write(request: StaffRequest, public_id: str) -> HttpResponse:
    """Write to the reporter, or ask whether the contact may go to police."""
    found, text = get_object_or_404(Tip, public_id=public_id), request.POST.get("text", "")
    token = request.POST.get("token", "")
    try:
        if request.POST.get("kind") == "consent":
            messages.ask_consent([found], text, request.user, token)
        else:
            messages.send([Box.of(found)], text, request.user, token=token)
        notes.success(request, _("It is in the reporter's mailbox."))
    except NotAllowed as refusal:
        notes.error(request, str(refusal))
    return _back(request, found)


@require_POST
@needs("reporter.write")
def unusable(request: StaffRequest, public_id: str) -> HttpResponse:
    """Keep the tip as not actionable, with the reason; the reporter is answered."""
    found = get_object_or_404(Tip, public_id=public_id)
    try:
        moved, told = opening.mark_not_actionable([found], request.POST.get("why", ""), request.user)
        if not moved:
            notes.info(request, _("This tip was decided on before."))
        elif told:
            notes.success(request, _("The tip is kept as not actionable, and its reporter can read why."))
        else:
            notes.success(request, _("The tip is kept as not actionable. No answer was sent."))
    except NotAllowed as refusal:
        notes.error(request, str(refusal))
    return _back(request, found)


@require_POST
@needs("sender.mark")
def mark(request: StaffRequest, public_id: str) -> HttpResponse:
    """Mark the sender of this tip: further tips go into the low lane."""
    found = get_object_or_404(Tip, public_id=public_id)
    try:
        marks.mark(found, request.POST.get("why", ""), request.user)
        notes.success(request, _("The sender is marked: further tips go into the low lane."))
    except NotAllowed as refusal:
        notes.error(request, str(refusal))
    return _back(request, found)


@require_GET
@needs("sender.mark")
def senders(request: StaffRequest) -> HttpResponse:
    """The marks that count; who the senders are stays sealed."""
    rows = [
        (row, marks.REASONS.get(row.why, row.why), marks.tips_of(row).count()) for row in marks.active()[:200]
    ]
    return render(request, "tips/senders.html", {"rows": rows})


@require_POST
@needs("sender.mark")
def lift(request: StaffRequest, tag: str) -> HttpResponse:
    """Take a mark away."""
    if marks.lift(tag, request.user):
        notes.success(request, _("The mark is lifted."))
    return redirect("reporters:senders")


def skipped(request: StaffRequest) -> int:
    """How many of the newest messages the address asks to leave out."""
    asked = request.GET.get("skip", "")
    return min(int(asked), MOST_SKIPPED) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0


def _back(request: StaffRequest, found: Tip) -> HttpResponse:
    """To the page from which the form was opened: a page of the console, never another site."""
    path = request.POST.get("back", "")
    if path.startswith("/console/") and "\\" not in path and "//" not in path:
        return redirect(path)
    return redirect("reporters:tip", found.public_id)
