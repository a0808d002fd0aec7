"""The rota: a week in words, put somebody on it, take somebody off, and the own address for calls."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import duty, duty_week
from tocsin.cases.forms_paging import DutyForm


@require_GET
@needs("duty.read")
def rota(request: StaffRequest) -> HttpResponse:
    """The week of `?week=YYYY-MM-DD`, or this one."""
    with timezone.override(duty_week.zone()):
        return render(request, "cases/duty.html", _context(request, _day(request.GET.get("week", ""))))


@require_POST
@needs("duty.plan")
def plan(request: StaffRequest) -> HttpResponse:
    """Put somebody on the rota; a form that lacks something comes back as it was filled in."""
    with timezone.override(duty_week.zone()):
        form = DutyForm(request.POST)
        if form.is_valid():
            try:
                made = duty.plan(request.user, **form.cleaned_data)
                said = ngettext("%(n)d duty is planned.", "%(n)d duties are planned.", len(made))
                messages.success(request, said % {"n": len(made)})
                return _back(timezone.localdate(made[0].begins))
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
        context = _context(request, _day(request.POST.get("week", "")), form)
        return render(request, "cases/duty.html", context, status=400)


@require_POST
@needs("duty.plan")
def remove(request: StaffRequest, public_id: str) -> HttpResponse:
    """Take a duty off the rota; one that runs ends now."""
    try:
        duty.remove(request.user, public_id)
        messages.success(request, _("The duty is off the rota."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return _back(_day(request.POST.get("week", "")))


@require_POST
@needs("duty.read")
def address(request: StaffRequest) -> HttpResponse:
    """Where the signed-in person is called."""
    try:
        duty.set_address(request.user, request.POST.get("address", ""))
        messages.success(request, _("Your address is kept."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:duty")


def _context(request: StaffRequest, day: date, form: DutyForm | None = None) -> dict[str, Any]:
    now = timezone.now()
    return {
        "week": duty_week.week(day),
        "now": now,
        "here": [duty.named(user) for user in duty.on_duty(now)],
        "zone": str(duty_week.zone()),
        "may_plan": policy.allowed(request.user, "duty.plan"),
        "may_answer": policy.allowed(request.user, "case.read"),
        "form": form or DutyForm(),
    }


def _day(text: str) -> date:
    try:
        return min(max(date.fromisoformat(text), date(2000, 1, 1)), date(2200, 1, 1))
    except ValueError:
        return timezone.localdate()


def _back(day: date) -> HttpResponse:
    return redirect(f"{reverse('cases:duty')}?week={day.isoformat()}")
