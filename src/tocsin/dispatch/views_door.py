"""The recipient's page: opening it shows and changes nothing (mail scanners open every link), posting answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.dispatch.forms_door import reply_form
from tocsin.dispatch.pages import Copy, read_copy, take_answer
from tocsin.lib import signing
from tocsin.lib.language import chosen
from tocsin.lib.origin import same_site

CLOSED = {"expired": 410, "withdrawn": 410, "unknown": 404}


@csrf_exempt  # no cookie and no session here: the form's signed token and the browser's own word stand in
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, link: str) -> HttpResponse:
    """Show a notice or referral to whoever holds its link; take the answer by POST."""
    state, token = signing.open_link(link)
    copy = read_copy(token) if state == "good" else None
    if copy is None:
        return _closed(request, "expired" if state == "expired" else "unknown")
    language = chosen(request) or copy["language"]
    with translation.override(language):
        request.LANGUAGE_CODE = language
        if copy["state"] == "withdrawn":
            response = _closed(request, "withdrawn")
        elif request.method == "POST":
            response = _take(request, copy, token)
        else:
            response = _show(request, copy, reply_form(copy))
    response.headers["Content-Language"] = language
    return response


def _take(request: HttpRequest, copy: Copy, token: str) -> HttpResponse:
    form_token = request.POST.get("token", "")
    form = reply_form(copy, request.POST)
    if not same_site(request) or signing.form_token_state(form_token) != "good":
        return _show(request, copy, form, again="stale", status=403)
    if not form.is_valid():
        return _show(request, copy, form, status=422)
    result = take_answer(token, form_token, form.answer())
    if result == "changed":
        return _show(request, copy, form, again="changed", status=409)
    return _quiet(render(request, "dispatch/reply_thanks.html", {"page": copy, "link": request.path}))


def _show(request: HttpRequest, copy: Copy, form: object, again: str = "", status: int = 200) -> HttpResponse:
    context = {"page": copy, "form": form, "token": signing.form_token(), "again": again}
    return _quiet(render(request, f"dispatch/reply_{copy['kind']}.html", context, status=status))


def _closed(request: HttpRequest, why: str) -> HttpResponse:
    return _quiet(render(request, "dispatch/reply_closed.html", {"why": why}, status=CLOSED[why]))


def _quiet(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
