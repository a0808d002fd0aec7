"""Error pages: what happened, what was kept, what to do."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: unknown and forbidden look the same."""
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent could not be read; 413: it was too much, and nothing of it was stored.

    Both may be raised before a language was chosen (reading the form is what fails): the address or the browser
    says which.
    """
    code = 413 if isinstance(exception, _TOO_MUCH) else 400
    named = request.GET.get("lang", "")
    language = named if named in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
    with translation.override(language):
        return render(request, f"{code}.html", {"LANGUAGE_CODE": language}, status=code)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a form that did not come from our own page."""
    return render(request, "403.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500: nothing of the request is shown or logged, and nothing is asked of a database that may be gone."""
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A console form without its token: the same page as any forbidden one."""
    return render(request, "403.html", status=403)
