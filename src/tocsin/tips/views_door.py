"""The reporter's pages: guard, form, one call, render. No cookie, no redirect, nothing cached."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.lib import receipts, signing
from tocsin.lib.language import chosen
from tocsin.lib.stencil import Stencils
from tocsin.tips import copies, emergency, forms, menus
from tocsin.tips.accept import Accepted, Incoming
from tocsin.tips.progress import OUTCOMES
from tocsin.tips.text import encodable

_RECEIPTS = Stencils()


@csrf_exempt  # guarded by the one-time token and the request's origin instead: the public pages set no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """The form; its POST is answered with the receipt, or with the form again, filled."""
    if request.method != "POST":
        return _page(request, "form", 200, _form_context(request, {}, None))
    item = forms.incoming(request)
    answer = forms.send(request, item)
    if isinstance(answer, Accepted):
        return _receipt(request, answer, item)
    context = _form_context(request, forms.values(item), answer)
    return _page(request, "form", answer.status, context)


def _receipt(request: HttpRequest, answer: Accepted, item: Incoming) -> HttpResponse:
    """The page with the receipt: the same for all but its four groups, so it is rendered once for many."""
    named = _help_context(request, item.place)
    fields = {"danger": item.danger, "about": item.about}

    def render_it() -> bytes:
        holes = [_RECEIPTS.hole(str(number)) for number in range(4)]
        return _page(request, "receipt", 200, {"groups": holes, **fields, **named}).content

    key = (get_language(), request.path, chosen(request), *fields.values(), named["help"])
    groups = receipts.grouped(answer.receipt).split("-")
    page = _RECEIPTS.fill(key, render_it, {str(number): group for number, group in enumerate(groups)})
    response = HttpResponse(page)
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt  # changes nothing
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """How far a tip is. The receipt travels in the body of a POST only, never in an address."""
    context: dict[str, Any] = {"asked": request.method == "POST"}
    if request.method == "POST":
        typed = request.POST.get("receipt", "")[:200]
        found = copies.read(receipts.normalise(typed) or typed)
        context |= {"typed": encodable(typed), "found": found}
        if found is not None:
            context |= {"stages": _stages(found.stage), "outcome": OUTCOMES.get(found.outcome, "")}
    return _page(request, "status", 200, context)


def _stages(reached: str) -> list[dict[str, Any]]:
    labels = {
        copies.RECEIVED: _("Received"),
        copies.LOOKING: _("Being looked at"),
        copies.LOOKED: _("Looked at"),
    }
    at = copies.STAGES.index(reached) if reached in copies.STAGES else 0
    last = len(copies.STAGES) - 1  # nothing follows the last stage: it is done, not going on
    return [
        {"label": labels[stage], "done": number < at or at == last, "now": number == at}
        for number, stage in enumerate(copies.STAGES)
    ]


def _form_context(
    request: HttpRequest, values: dict[str, str], problem: forms.Problem | None
) -> dict[str, Any]:
    language = get_language() or "en"
    return {
        "values": values,
        "problem": problem,
        "token": signing.form_token(),
        "where": menus.menu("where", language),
        "what": menus.menu("what", language),
        "danger_choices": [("yes", _("Yes")), ("unsure", _("I am not sure")), ("no", _("No"))],
        "about_choices": [("me", _("Yes, me")), ("known", _("Yes, someone I know")), ("no", _("No"))],
        "countries": emergency.countries(language),
    } | _help_context(request, values.get("place", ""))


def _help_context(request: HttpRequest, place: str) -> dict[str, Any]:
    return {"help": emergency.for_request(request, place, get_language() or "en")}


def _page(request: HttpRequest, name: str, code: int, context: dict[str, Any]) -> HttpResponse:
    response = render(request, f"tips/{name}.html", context, status=code)
    response["Cache-Control"] = "no-store"
    return response
