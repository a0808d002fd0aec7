"""The form as an installed app: manifest, worker, what other apps share, and the page for no connection."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.tips import form_page, shared

_ICONS = (192, 512)  # pixels; the picture keeps the middle four fifths that a launcher may cut out of it
COLOURS = {"theme_color": "#14606b", "background_color": "#f6f5f1"}


@csrf_exempt  # stores nothing: it shows the form, filled
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """What was shared, as the form: read and sent by the person. A file is refused unread, the words stay."""
    if request.method != "POST":
        return form_page.answer(request, "form", 200, form_page.context(request, {}, None))
    refused = shared.refused(request)
    context = form_page.context(request, shared.values(request), None) | {"refused": refused}
    return form_page.answer(request, "form", 415 if refused == "unread" else 200, context)


@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """How to put the form on a phone, and who should not."""
    return form_page.answer(request, "app", 200, {})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the worker and shown without a connection: whom to call still works."""
    return form_page.answer(request, "offline", 200, form_page.help_context(request, ""))


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. At the root, because its path is its reach; asked anew each time, so that it is current."""
    response = render(request, "tips/worker.js", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest, with the hotline's name. Pictures are named so that they can be refused on the phone."""
    icons = [
        {
            "src": static(f"icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in _ICONS
        for purpose in ("any", "maskable")
    ]
    takes = {"title": "title", "text": "text", "url": "url"}
    files = [{"name": "files", "accept": ["image/*", "video/*", "audio/*"]}]
    start = reverse("tips:form")
    found = {
        "id": start,
        "start_url": start,
        "scope": start,
        "name": settings.HOTLINE_NAME,
        "short_name": settings.HOTLINE_NAME,
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "display": "standalone",
        **COLOURS,
        "icons": icons,
        "share_target": {
            "action": reverse("tips:share"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {**takes, "files": files},
        },
    }
    response = JsonResponse(found, content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response
