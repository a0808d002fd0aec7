"""What the pages of the door show: the form's menus, whom to call, and an answer that nobody caches."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.lib import signing
from tocsin.tips import emergency, forms, menus, staffing


def context(request: HttpRequest, values: dict[str, str], problem: forms.Problem | None) -> dict[str, Any]:
    """For `tips/form.html`: what was typed, what is in the way, a fresh token, the menus."""
    language = get_language() or "en"
    return {
        "values": values,
        "problem": problem,
        "token": signing.form_token(),
        "where": menus.menu("where", language),
        "what": menus.menu("what", language),
        "danger_choices": [("yes", _("Yes")), ("unsure", _("I am not sure")), ("no", _("No"))],
        "about_choices": [("me", _("Yes, me")), ("known", _("Yes, someone I know")), ("no", _("No"))],
        "countries": emergency.countries(language),
        "unattended": staffing.nobody(),
    } | help_context(request, values.get("place", ""))


def help_context(request: HttpRequest, place: str) -> dict[str, Any]:
    """Whom to call in this place."""
    return {"help": emergency.for_request(request, place, get_language() or "en")}


def answer(request: HttpRequest, name: str, code: int, context: dict[str, Any]) -> HttpResponse:
    """The page `tips/<name>.html`, never cached."""
    response = render(request, f"tips/{name}.html", context, status=code)
    response["Cache-Control"] = "no-store"
    return response
