"""Public pages of campaigns: the form of `/c/NAME`, and the one-time link that gives a mailbox away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.lib import origin, receipts, signing
from tocsin.tips import campaign_names, claims, form_page


@require_safe
def campaign(request: HttpRequest, name: str) -> HttpResponse:
    """The form, with the campaign's title. An ended or unknown campaign shows the ordinary form: nobody is lost."""
    title = campaign_names.title(name)
    context = form_page.context(request, {"campaign": name} if title else {}, None)
    return form_page.answer(request, "form", 200, context | {"campaign_title": title})


@csrf_exempt  # guarded by the one-time token and the request's origin, as the form is
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link shows a button; only pressing it takes the mailbox: previews of chat services take nothing."""
    if request.method != "POST":
        return form_page.answer(request, "hand_over", 200, {"token": signing.form_token()})
    form_token = request.POST.get("token", "")
    if not origin.same_site(request) or signing.form_token_state(form_token) != "good":
        sentence = _("This page was open too long. Press the button again.")
        return form_page.answer(
            request, "hand_over", 403, {"token": signing.form_token(), "problem": sentence}
        )
    receipt = claims.claim(token, form_token)
    if receipt is None:
        return form_page.answer(request, "hand_over", 200, {"gone": True})
    return form_page.answer(request, "receipt", 200, {"groups": receipts.grouped(receipt).split("-")})
