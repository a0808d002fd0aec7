"""The call-taker's form: what somebody said by phone or wrote in a letter becomes a tip like any other."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.accounts.policy import StaffRequest, needs
from tocsin.lib import receipts, signing
from tocsin.tips import calls, emergency, menus


@require_http_methods(["GET", "POST"])
@needs("call.take")
def call(request: StaffRequest) -> HttpResponse:
    """The form; its POST is answered with the receipt to read out, or with the form again, filled."""
    typed = {name: request.POST.get(name, "") for name in calls.FIELDS}
    if request.method == "POST":
        try:
            accepted = calls.take(request.user, typed, request.POST.get("token", ""))
        except calls.NotTaken as refused:
            return _page(request, typed, str(refused), 400)
        context = {"groups": receipts.grouped(accepted.receipt).split("-"), "public_id": accepted.public_id}
        return render(request, "tips/call_taken.html", context)
    return _page(request, typed, "", 200)


def _page(request: StaffRequest, typed: dict[str, str], refusal: str, status: int) -> HttpResponse:
    language = get_language() or "en"
    context = {
        "typed": typed,
        "refusal": refusal,
        "token": signing.form_token(),
        "channels": [("phone", _("Phone")), ("letter", _("Letter")), ("visit", _("Visit"))],
        "where": menus.menu("where", language),
        "what": menus.menu("what", language),
        "danger_choices": [("yes", _("Yes")), ("unsure", _("I am not sure")), ("no", _("No"))],
        "about_choices": [
            ("me", _("The caller")),
            ("known", _("Somebody the caller knows")),
            ("no", _("No")),
        ],
        "countries": emergency.countries(language),
    }
    return render(request, "tips/call.html", context, status=status)
