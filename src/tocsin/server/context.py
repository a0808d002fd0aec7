"""What every page may show: the hotline's name, the languages, the console's navigation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.lib.language import offered

NAVIGATION = [  # (url name, label, action that must be allowed)
    ("cases:queue", "Queue", "case.read"),
    ("cases:loose", "Loose tips", "case.read"),
    ("cases:waiting", "Tasks", "case.read"),
    ("cases:duty", "Duty", "duty.read"),
    ("calls:take", "Take a call", "call.take"),
    ("reporters:answers", "Answers", "reporter.write"),
    ("cases:proposals", "Merges", "case.read"),
    ("cases:flags", "Flags", "case.read"),
    ("review:approvals", "Approvals", "approvals.read"),
    ("dispatch:holds", "Holds", "hold.record"),
    ("directory:recipients", "Recipients", "directory.read"),
    ("identifiers:bystanders", "Bystanders", "bystanders.read"),
    ("hubs:list", "Hubs", "hubs.read"),
    ("identifiers:try", "Try a text", "identifiers.try"),
    ("campaigns:list", "Campaigns", "campaign.read"),
    ("post:outbox", "Outbox", "outbox.read"),
    ("reporters:objections", "Objections", "objection.handle"),
    ("statistics:figures", "Figures", "statistics.read"),
    ("clients:list", "API keys", "clients.manage"),
    ("switches:page", "Switches", "switches.set"),
    ("server:health_page", "Health", "health.read"),
]


def _labels() -> dict[str, str]:
    return {
        "Queue": _("Queue"),
        "Loose tips": _("Loose tips"),
        "Tasks": _("Tasks"),
        "Duty": _("Duty"),
        "Take a call": _("Take a call"),
        "Campaigns": _("Campaigns"),
        "Answers": _("Answers"),
        "API keys": _("API keys"),
        "Approvals": _("Approvals"),
        "Merges": _("Merges"),
        "Flags": _("Flags"),
        "Hubs": _("Hubs"),
        "Holds": _("Holds"),
        "Recipients": _("Recipients"),
        "Bystanders": _("Bystanders"),
        "Try a text": _("Try a text"),
        "Outbox": _("Outbox"),
        "Objections": _("Objections"),
        "Figures": _("Figures"),
        "Switches": _("Switches"),
        "Health": _("Health"),
    }


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.path.startswith("/console/") or not request.user.is_authenticated:
        return []
    labels, entries = _labels(), []
    for name, label, action in NAVIGATION:
        if policy.allowed(request.user, action):
            url = reverse(name)
            entries.append({"url": url, "label": labels[label], "active": request.path.startswith(url)})
    return entries


def _door_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The public pages; none on a recipient's page, which is nobody else's business."""
    if settings.TOCSIN_ROLE == "console" or request.path.startswith(("/console/", "/r/")):
        return []
    entries = [
        ("tips:form", _("Tell us")),
        ("tips:status", _("Follow your tip")),
        ("public_figures:public", _("Figures")),
    ]
    urls = [(reverse(name), label) for name, label in entries]
    return [{"url": url, "label": label, "active": request.path == url} for url, label in urls]


def _door_footer(request: HttpRequest) -> list[dict[str, Any]]:
    """The quiet pages at the bottom of the reporter's pages; none on a recipient's."""
    if settings.TOCSIN_ROLE == "console" or request.path.startswith(("/console/", "/r/")):
        return []
    quiet = [
        ("next", _("What happens next")),
        ("remit", _("What we can and cannot do")),
        ("children", _("For children and young people")),
        ("parents", _("For parents")),
        ("teachers", _("For teachers")),
        ("worried", _("Worried about your own behaviour")),
        ("careful", _("Please do not act on your own")),
    ]
    legal = [
        ("tips:helplines", _("Whom to call")),
        ("tips:objection", _("I was reported")),
        ("tips:privacy", _("Privacy")),
        ("tips:imprint", _("Imprint")),
        ("tips:accessibility", _("Accessibility")),
    ]
    pages = [{"url": reverse("tips:info", args=[name]), "label": label} for name, label in quiet]
    return pages + [{"url": reverse(name), "label": label} for name, label in legal]


def hotline(request: HttpRequest) -> dict[str, Any]:
    """Context for every template."""
    return {
        "hotline_name": settings.HOTLINE_NAME,
        "demonstration": settings.DEMONSTRATION,
        "LANGUAGES": offered(request),
        "LANGUAGE_CODE": getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
        "quick_exit_url": settings.QUICK_EXIT_URL,
        "navigation": _navigation(request),
        "door_navigation": _door_navigation(request),
        "door_footer": _door_footer(request),
        "own_logo": settings.LOGO is not None,
        "own_colour": bool(settings.COLOUR),
    }
