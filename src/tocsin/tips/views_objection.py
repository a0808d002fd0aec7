""" "I was reported": the same page and the same answer for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.lib import receipts, signing
from tocsin.tips import flood, form_page, mailbox_page, objections
from tocsin.tips.forms import Problem
from tocsin.tips.text import encodable

FIELDS = ("text", "contact")


@csrf_exempt  # guarded by the one-time token and the request's origin instead: the public pages set no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest) -> HttpResponse:
    """The form; its POST is answered with a receipt, or with the form again, filled."""
    if request.method != "POST":
        return _form(request)
    problem = mailbox_page.in_the_way(request)
    if problem:
        return _form(request, Problem(problem.status, "text", problem.sentence))
    token = request.POST.get("token", "")
    text, contact = (request.POST.get(name, "") for name in FIELDS)
    try:
        objections.check(text, contact)
        if flood.weather(request, "objections.network").hurdle and not flood.passed(request, token):
            return _wait(request, token)
        filed = objections.file(text, contact, token)
    except objections.Refused as refused:
        return _form(request, _refused(refused))
    if not filed.same:
        sentence = _(
            "The first version of this was received already. If you changed something, send it once more: both are kept."
        )
        return _form(request, Problem(409, "text", sentence))
    groups = receipts.grouped(filed.receipt).split("-")
    return form_page.answer(request, "objection_sent", 200, {"groups": groups})


def _form(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    values = {name: encodable(request.POST.get(name, "")) for name in FIELDS}
    context = {"values": values, "problem": problem, "token": signing.form_token()}
    return form_page.answer(request, "objection", problem.status if problem else 200, context)


def _wait(request: HttpRequest, token: str) -> HttpResponse:
    """A storm: nothing typed is lost, and nothing is sent yet."""
    fields = [(name, encodable(request.POST.get(name, ""))) for name in (*FIELDS, "token", "lang")]
    context = flood.waiting(request, token) | {"fields": fields, "action": reverse("tips:objection")}
    return form_page.answer(request, "waiting", 200, context)


def _refused(refused: objections.Refused) -> Problem:
    if refused.reason == "blank":
        return Problem(400, "text", _("Please write a few words. Nothing was sent yet."))
    if refused.reason == "contact":
        return Problem(400, "contact", _("This is too long. An address or a number is enough."))
    return Problem(413, "text", _("This is too long. Nothing was sent yet: shorten it, or send it in parts."))
