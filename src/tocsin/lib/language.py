"""The language of a page without a cookie: `?lang=` (or a hidden field), else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


def chosen(request: HttpRequest) -> str:
    """The language code that the request names itself, or an empty text."""
    form = request.method == "POST" and not request.path.startswith("/api/")  # machines send no form
    if request.content_type == "multipart/form-data" and request.path.startswith("/console/"):
        form = False  # reading the form would throw away the file that one page of the console takes
    code = request.GET.get("lang", "") or (request.POST.get("lang", "") if form else "")
    return code if code in _codes(request) else ""


def interface(text_language: str) -> str:
    """The language of the pages for a text's (`zh`, `fr`, `en`); the hotline's first one for any other."""
    known = {code.partition("-")[0]: code for code, _name in settings.CONSOLE_LANGUAGES}
    return known.get(text_language, settings.LANGUAGE_CODE)


def offered(request: HttpRequest) -> list[tuple[str, str]]:
    """The languages of this side of the house: the console has fewer than the public pages."""
    return [(code, str(name)) for code, name in _side(request)]


def wanted(request: HttpRequest) -> str:
    """What the request names itself, else what the browser asks for, if this side of the house has it."""
    code = chosen(request) or translation.get_language_from_request(request)
    return code if code in _codes(request) else settings.LANGUAGE_CODE


def _codes(request: HttpRequest) -> list[str]:
    """Asked with every request: without the names, which are translated when they are read."""
    return [code for code, _name in _side(request)]


def _side(request: HttpRequest) -> list[tuple[str, object]]:
    inside = request.path.startswith("/console/")
    return list(settings.CONSOLE_LANGUAGES if inside else settings.LANGUAGES)


class Language:
    """Middleware: activate the language for this request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate, answer, and say which language the answer is in."""
        code = wanted(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        response.headers.setdefault("Vary", "Accept-Language")
        return response
