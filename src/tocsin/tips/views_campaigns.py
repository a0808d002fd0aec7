"""Campaigns in the console: make one, print its poster, pass on what a campaigner was sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, allowed, needs
from tocsin.lib import uploads
from tocsin.tips import campaigns, qrcodes
from tocsin.tips.models import Campaign

POSTER = ("en", "fr", "zh-hans")


@require_GET
@needs("campaign.read")
def listing(request: StaffRequest) -> HttpResponse:
    """The campaigns; a campaigner sees the own ones."""
    return _list(request, {}, "")


@require_POST
@needs("campaign.manage")
def create(request: StaffRequest) -> HttpResponse:
    """A new campaign; a mistake brings the page back with what was typed."""
    typed = {name: request.POST.get(name, "") for name in ("name", "title", "owner", "accounts")}
    try:
        made = campaigns.create(
            request.user, typed["name"], typed["title"], typed["owner"], typed["accounts"]
        )
    except NotAllowed as refusal:
        return _list(request, typed, str(refusal))
    messages.success(request, _("The campaign is open."))
    return redirect("campaigns:one", made.name)


@require_GET
@needs("campaign.read")
def one(request: StaffRequest, name: str) -> HttpResponse:
    """Its link, the QR code, a text to share in three languages, and what is passed on."""
    return _one(request, _mine(request, name), {}, 200)


@require_POST
@needs("campaign.manage")
def switch(request: StaffRequest, name: str) -> HttpResponse:
    """End it, or let it run again."""
    found = _mine(request, name)
    campaigns.set_active(request.user, found, request.POST.get("on") == "yes")
    return redirect("campaigns:one", found.name)


@require_GET
@needs("campaign.read")
def poster(request: StaffRequest, name: str) -> HttpResponse:
    """One page to print: title, QR code, link, three languages."""
    found = _mine(request, name)
    link = campaigns.link(found)
    return render(
        request,
        "tips/poster.html",
        {"campaign": found, "link": link, "code": qrcodes.svg(link), "texts": texts(link)},
    )


@require_GET
@needs("campaign.read")
def qr(request: StaffRequest, name: str) -> HttpResponse:
    """The QR code as a picture file, for a profile or a post."""
    answer = HttpResponse(qrcodes.png(campaigns.link(_mine(request, name))), content_type="image/png")
    answer["Content-Disposition"] = f'attachment; filename="{name}.png"'
    return answer


@require_http_methods(["POST"])
@needs("campaign.pass_on")
def pass_on(request: StaffRequest, name: str) -> HttpResponse:
    """Make tips of what was sent; the one-time links are shown on this answer only."""
    found, text = _mine(request, name), request.POST.get("text", "")
    try:
        passed = campaigns.pass_on(request.user, found, text, each=request.POST.get("each") == "yes")
    except NotAllowed as refusal:
        return _one(request, found, {"text": text, "refusal": str(refusal)}, 400)
    return _one(request, found, {"passed": passed}, 200)


@csrf_exempt  # and protected below: the handler has to be set before the form is read
@require_POST
@needs("campaign.pass_on")
def bring(request: StaffRequest, name: str) -> HttpResponse:
    """Import a chat's export: the file stays in memory, each message becomes a tip, each only once."""
    request.upload_handlers = [uploads.KeepText(request)]
    return _bring(request, name)


@csrf_protect
def _bring(request: StaffRequest, name: str) -> HttpResponse:
    found, given = _mine(request, name), request.FILES.get("file")
    if given is None:
        sentence = _(
            "Choose the text file of the export, of at most 20 MB. Pictures and videos are never taken."
        )
        return _one(request, found, {"import_refusal": sentence}, 400)
    try:
        summary = campaigns.bring(
            request.user, found, given.read(), request.POST.get("format", ""), request.POST.get("timezone", ""),
            request.POST.get("date_order", ""),
        )  # fmt: skip
    except NotAllowed as refusal:
        return _one(request, found, {"import_refusal": str(refusal)}, 400)
    return _one(request, found, {"summary": summary}, 200)


def texts(link: str) -> list[tuple[str, str]]:
    """(language, text to share) in three languages."""
    found = []
    for language in POSTER:
        with translation.override(language):
            found.append(
                (
                    language,
                    _(
                        "Have you seen something that harms a child? Tell the hotline: no account, no name. %(link)s"
                    )
                    % {"link": link},
                )
            )
    return found


def _mine(request: StaffRequest, name: str) -> Campaign:
    found = campaigns.of(request.user).filter(name=name).first()
    if found is None:
        raise Http404
    return found


def _list(request: StaffRequest, typed: dict[str, str], refusal: str) -> HttpResponse:
    context = {
        "campaigns": campaigns.of(request.user),
        "may_manage": allowed(request.user, "campaign.manage"),
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "tips/campaigns.html", context, status=400 if refusal else 200)


def _one(request: StaffRequest, found: Campaign, extra: dict[str, object], status: int) -> HttpResponse:
    link = campaigns.link(found)
    context = {
        "campaign": found,
        "link": link,
        "code": qrcodes.svg(link),
        "texts": texts(link),
        "may_manage": allowed(request.user, "campaign.manage"),
        "formats": campaigns.FORMATS,
        "may_pass_on": found.active and allowed(request.user, "campaign.pass_on"),
    }
    return render(request, "tips/campaign.html", context | extra, status=status)
