"""Messages with the reporters of a case: a panel of the case page."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import panels
from tocsin.cases.queries import case_for
from tocsin.dispatch import holds
from tocsin.lib import mailbox
from tocsin.outcomes import asking
from tocsin.tips.messages import ASK, MAX_CHARACTERS, TEXT


@require_GET
@needs("reporter.write")
def panel(request: StaffRequest, number: str) -> HttpResponse:
    """In which mailboxes something was written, and the form to write to all. Texts are opened one by one."""
    case = case_for(request.user, number)
    boxes = asking.boxes(case)
    context = {
        "boxes": boxes[: asking.BOXES_SHOWN],
        "more": max(0, len(boxes) - asking.BOXES_SHOWN),
        "unread": sum(line.unread for line in boxes),
        "reachable": asking.reachable(case),
        "contacts": asking.may_ask_contacts(case),
        "held": holds.case_held(case),
        "token": mailbox.new_token(),
        "most": MAX_CHARACTERS,
    }
    return panels.answer(request, case, _("Messages with reporters"), "outcomes/messages.html", context)


@require_POST
@needs("reporter.write")
def ask(request: StaffRequest, number: str) -> HttpResponse:
    """Write to every reporter of the case."""
    case = case_for(request.user, number)
    kind = ASK if request.POST.get("kind") == "consent" else TEXT
    try:
        sent = asking.ask(
            case, request.POST.get("text", ""), kind, request.user, request.POST.get("token", "")
        )
    except NotAllowed as refusal:
        notes.error(request, str(refusal))
    else:
        text = ngettext("It is in %(n)s mailbox.", "It is in %(n)s mailboxes.", sent)
        notes.success(request, text % {"n": sent})
    return redirect("cases:case", number=case.number)
