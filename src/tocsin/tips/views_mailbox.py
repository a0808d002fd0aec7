"""The reporter's mailbox. The receipt travels in the body of a POST only: no cookie, nothing in an address."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.tips import form_page, forms, mailbox_page, messages, receipt_file
from tocsin.tips.accept import Accepted
from tocsin.tips.forms import Problem
from tocsin.tips.messages import NO, TEXT, YES
from tocsin.tips.text import encodable


@csrf_exempt  # changes nothing
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """The box for the receipt; with a receipt, the mailbox."""
    if request.method != "POST":
        return mailbox_page.ask(request, 200)
    box = mailbox_page.enter(request)
    return box if isinstance(box, HttpResponse) else mailbox_page.show(request, box)


@csrf_exempt  # the receipt, the one-time token and the request's origin stand in: the public pages set no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write to the hotline; a reload sends nothing twice."""
    if request.method != "POST":
        return mailbox_page.ask(request, 200)
    box = mailbox_page.enter(request)
    if isinstance(box, HttpResponse):
        return box
    text = request.POST.get("message", "")
    problem = mailbox_page.in_the_way(request) or _written(box.receipt, request.POST.get("token", ""), text)
    if problem:
        return mailbox_page.show(request, box, problem, values={"message": encodable(text)})
    return _again(request, _("Your message was sent."))


def _written(receipt: str, token: str, text: str) -> Problem | None:
    try:
        result = messages.write_in(receipt, token, TEXT, text)
    except ValueError as refused:
        if str(refused) == "blank":
            return Problem(400, "message", _("Write a few words. Nothing was sent yet."))
        sentence = _("This is too long for one message: at most %(most)s characters. Send it in parts.")
        return Problem(413, "message", sentence % {"most": messages.MAX_CHARACTERS})
    if result != "changed":
        return None
    sentence = _(
        "The first version of this was received already. If you changed something, send it once more: both are kept."
    )
    return Problem(409, "message", sentence)


@csrf_exempt  # as above
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """Whether the contact may go to police: only where it was asked; the answer may be changed later."""
    if request.method != "POST":
        return mailbox_page.ask(request, 200)
    box = mailbox_page.enter(request)
    if isinstance(box, HttpResponse):
        return box
    kind = {"yes": YES, "no": NO}.get(request.POST.get("answer", ""))
    problem = mailbox_page.in_the_way(request)
    if problem or not box.question or kind is None:
        return mailbox_page.show(request, box, problem)
    messages.write_in(box.receipt, request.POST.get("token", ""), kind, "")
    return _again(request, _("Your answer was sent."))


@csrf_exempt  # as above
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Another tip, read in the same mailbox."""
    if request.method != "POST":
        return mailbox_page.ask(request, 200)
    box = mailbox_page.enter(request)
    if isinstance(box, HttpResponse):
        return box
    if box.objection:
        return mailbox_page.show(request, box)
    answer = forms.send(request, replace(forms.incoming(request), box=box.receipt))
    if isinstance(answer, forms.Wait):
        fields = [*forms.kept(request), ("receipt", box.receipt)]
        context = {**answer.context, "fields": fields, "action": reverse("tips:mailbox_add")}
        return form_page.answer(request, "waiting", 200, context)
    if isinstance(answer, Accepted):
        return _again(request, _("Your tip was added to this mailbox."))
    return mailbox_page.show(request, box, answer, values=forms.values(request))


@csrf_exempt  # changes nothing
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """The receipt as a text file, signed."""
    if request.method != "POST":
        return mailbox_page.ask(request, 200)
    box = mailbox_page.enter(request)
    if isinstance(box, HttpResponse):
        return box
    response = HttpResponse(
        receipt_file.text(box.receipt, box.sent), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="receipt.txt"'
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt  # changes nothing, and looks nothing up
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Whether a receipt file is ours and unchanged. It says nothing about any tip."""
    typed = request.POST.get("file", "")[: receipt_file.MOST] if request.method == "POST" else ""
    genuine = receipt_file.is_ours(typed) if typed else None
    return form_page.answer(request, "receipt_check", 200, {"typed": encodable(typed), "genuine": genuine})


def _again(request: HttpRequest, said: str) -> HttpResponse:
    """The mailbox as it is after the act."""
    box = mailbox_page.opened(request)
    return (
        mailbox_page.ask(request, 200, asked=True)
        if box is None
        else mailbox_page.show(request, box, said=said)
    )
