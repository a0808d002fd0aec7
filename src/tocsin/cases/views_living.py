"""The panel of what a case asks a person: reopen it, is it back, which number; and the posts that answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import account_numbers, flags, living_lines, panels
from tocsin.cases.models import Flag
from tocsin.cases.queries import case_for


@require_GET
@needs("case.read")
def panel(request: StaffRequest, number: str) -> HttpResponse:
    """What waits for a person on this case."""
    case = case_for(request.user, number)
    context = {
        "asked": living_lines.of_case(case),
        "may_work": policy.allowed(request.user, "case.work", case),
    }
    return panels.answer(request, case, _("To decide"), "cases/living_panel.html", context)


@require_POST
@needs("case.work")
def answer(request: StaffRequest, number: str) -> HttpResponse:
    """A person looked: it is so, or nothing is to be done."""
    case, how = case_for(request.user, number), request.POST.get("how", "")
    if how not in (flags.DONE, flags.DISMISSED):
        raise Http404
    try:
        asked = Flag.objects.filter(case=case, public_id=request.POST.get("flag", "")).first()
        flags.settle(asked.public_id if asked else "", request.user, how)
        messages.success(request, _("Your answer is kept."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", case.number)


@require_POST
@needs("case.work")
def account_number(request: StaffRequest, number: str) -> HttpResponse:
    """Write down the number of an account, or that nobody can read it."""
    case, about = case_for(request.user, number), request.POST.get("about", "")
    try:
        if request.POST.get("unreadable"):
            account_numbers.unreadable(case, request.user, about)
            messages.success(request, _("Your answer is kept."))
        else:
            account_numbers.write_number(case, request.user, about, request.POST.get("number", "")[:200])
            messages.success(request, _("The number is in the case, marked as reported."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", case.number)
