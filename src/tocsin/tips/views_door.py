"""The reporter's pages: guard, form, one call, render. No cookie, no redirect, nothing cached."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.lib import receipts
from tocsin.lib.language import chosen
from tocsin.lib.stencil import Stencils
from tocsin.tips import form_page, forms
from tocsin.tips.accept import Accepted, Incoming

_RECEIPTS = Stencils()


@csrf_exempt  # guarded by the one-time token and the request's origin instead: the public pages set no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """The form; its POST is answered with the receipt, or with the form again, filled."""
    if request.method != "POST":
        return form_page.answer(request, "form", 200, form_page.context(request, {}, None))
    item = forms.incoming(request)
    answer = forms.send(request, item)
    if isinstance(answer, Accepted):
        return _receipt(request, answer, item)
    if isinstance(answer, forms.Wait):
        return form_page.answer(request, "waiting", 200, answer.context | {"fields": forms.kept(request)})
    context = form_page.context(request, forms.values(request), answer)
    return form_page.answer(request, "form", answer.status, context)


def _receipt(request: HttpRequest, answer: Accepted, item: Incoming) -> HttpResponse:
    """The page with the receipt: the same for all but its four groups, so it is rendered once for many."""
    named = form_page.help_context(request, item.place)
    fields = {"danger": item.danger, "about": item.about}

    def render_it() -> bytes:
        holes = [_RECEIPTS.hole(str(number)) for number in range(4)]
        return form_page.answer(request, "receipt", 200, {"groups": holes, **fields, **named}).content

    key = (get_language(), request.path, chosen(request), *fields.values(), named["help"])
    groups = receipts.grouped(answer.receipt).split("-")
    page = _RECEIPTS.fill(key, render_it, {str(number): group for number, group in enumerate(groups)})
    response = HttpResponse(page)
    response["Cache-Control"] = "no-store"
    return response
