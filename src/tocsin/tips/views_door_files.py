"""No media: why, how to get the words out of a screenshot, and the fingerprint of a file of one's own."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tocsin.tips import form_page, switches

# no connection and no form may leave the page that reads a file: the browser itself holds the promise
SENDS_NOTHING = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


@require_safe
def screenshot(request: HttpRequest) -> HttpResponse:
    """How to copy names and text out of a screenshot, on the phone itself."""
    return form_page.answer(request, "screenshot", 200, {})


@require_safe
def no_pictures(request: HttpRequest) -> HttpResponse:
    """Why the hotline takes no picture; leads to the fingerprint page where there is one."""
    return form_page.answer(
        request, "no_pictures", 200, {"fingerprint": switches.is_on(switches.FINGERPRINT)}
    )


@require_safe
def fingerprint(request: HttpRequest) -> HttpResponse:
    """SHA-256 of a file on the visitor's device; not there until an administrator switched it on with a reason."""
    if not switches.is_on(switches.FINGERPRINT):
        raise Http404
    response = form_page.answer(request, "fingerprint", 200, {})
    response["Content-Security-Policy"] = SENDS_NOTHING
    return response
