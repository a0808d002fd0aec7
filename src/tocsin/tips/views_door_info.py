"""The quiet pages, whom to call in which country, the imprint and its like, and security.txt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.tips import emergency, form_page, info, legal


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One of the pages of `info.PAGES`."""
    found = info.PAGES.get(name)
    if found is None:
        raise Http404
    context: dict[str, Any] = {"page": found, "own": info.own_text(name, get_language() or "en")}
    if found.helpline:
        context |= form_page.help_context(request, request.GET.get("country", "")[:2])
    return _quiet(form_page.answer(request, "info", 200, context))


@require_safe
def helplines(request: HttpRequest) -> HttpResponse:
    """Police and child helplines of every country of the data; `?country=` shows one first."""
    language = get_language() or "en"
    chosen = request.GET.get("country", "")[:2].upper()
    rows = emergency.countries(language)
    first = next((row for row in rows if row.code == chosen), None)
    context = {"rows": rows, "first": first, "chosen": chosen, "as_of": emergency.as_of()}
    return _quiet(form_page.answer(request, "helplines", 200, context))


@require_safe
def statement(request: HttpRequest, name: str) -> HttpResponse:
    """Privacy notice, imprint, accessibility statement: the hotline's own file, else ours from the settings."""
    titles = {
        "privacy": _("Privacy"),
        "imprint": _("Imprint"),
        "accessibility": _("Accessibility"),
    }
    own = info.own_text(name, get_language() or "en")
    context = {"title": titles[name], "own": own, "parts": [] if own else legal.PARTS[name]()}
    return _quiet(form_page.answer(request, "statement", 200, context))


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116, from the settings; 404 where no contact is set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    contact = settings.SECURITY_CONTACT
    contact = contact if ":" in contact else f"mailto:{contact}"
    expires = (timezone.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    spoken = ", ".join(code.partition("-")[0] for code, _name in settings.LANGUAGES)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires}",
        f"Preferred-Languages: {spoken}",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def theme(request: HttpRequest) -> HttpResponse:
    """The hotline's colour as a style sheet (the policy forbids styles in the page)."""
    return HttpResponse(
        legal.theme(), content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"}
    )


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The hotline's logo; 404 where none is set."""
    found = legal.logo()
    if found is None:
        raise Http404
    content, kind = found
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    headers = {"Cache-Control": "max-age=3600", "Content-Security-Policy": policy}
    return HttpResponse(content, content_type=kind, headers=headers)


def _quiet(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "max-age=300, private"
    return response
