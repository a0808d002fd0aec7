"""In the console, a person's own language wins over the browser's."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tocsin.lib.language import chosen


class UserLanguage:
    """Middleware: activate the signed-in person's language unless the address names another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Public pages never touch the session, so that they stay free of cookies."""
        if request.path.startswith("/console/") and not chosen(request):
            code = getattr(request.user, "language", "")
            if code:
                translation.activate(code)
                request.LANGUAGE_CODE = code
        return self.get_response(request)
