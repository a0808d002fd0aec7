"""Alarms: the list, the page behind the link of a mail (GET shows, POST takes), and a call to police."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import alarm_page, alarms, page, police, queries
from tocsin.cases.forms_paging import PoliceForm


@require_GET
@needs("case.read")
def listing(request: StaffRequest) -> HttpResponse:
    """What nobody took yet."""
    return render(request, "cases/alarms.html", {"groups": alarm_page.open_alarms()})


@csrf_exempt  # the link itself is the secret: who holds it needs no cookie, whatever opened the mail
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, token: str) -> HttpResponse:
    """One page, one button; mail scanners open every link, so only POST takes. Says nothing but case numbers."""
    calls = alarms.behind(token)
    if not calls:
        raise Http404
    taken = alarms.take_by_link(token) if request.method == "POST" else []
    calls = alarms.behind(token)
    me = calls[0].user
    context = {
        "waiting": [call.alarm.case.number for call in calls if call.alarm.over_at is None],
        "mine": [call.alarm.case.number for call in calls if call.alarm.taken_by_id == me.pk],
        "others": [
            call.alarm.case.number for call in calls if call.alarm.over_at and call.alarm.taken_by_id != me.pk
        ],
        "just_taken": bool(taken),
    }
    with translation.override(me.language or translation.get_language()):
        response = render(request, "cases/take.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@needs("case.read")
def take_case(request: StaffRequest, number: str) -> HttpResponse:
    """A signed-in person takes the alarm of a case."""
    case = queries.case_for(request.user, number)
    try:
        alarms.take(case, request.user)
        messages.success(request, _("You took it: nobody is called about it any more."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", case.number)


@require_POST
@needs("case.work")
def called_police(request: StaffRequest, number: str) -> HttpResponse:
    """Record that police were called. One person is enough."""
    case = queries.case_for(request.user, number)
    form = PoliceForm(request.POST)
    if form.is_valid():
        try:
            police.record_call(case, request.user, **form.cleaned_data)
            messages.success(request, _("The call is recorded."))
            return redirect(f"{reverse('cases:case', args=[case.number])}#timeline")
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    messages.error(request, _("Nothing was kept yet: see below what is missing."))
    context = page.context(case, request.user, forms={"police": form})
    return render(request, "cases/case.html", context, status=400)
