"""Which panels of other rooms a case page shows, by URL name; and the one way in which a panel answers.

A panel's URL takes the case number. Asked by htmx it answers with its fragment; asked by a link (no JavaScript)
with a whole page around the same fragment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.cases.models import Case


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: its URL name, its heading, and where on the case page it stands (strip, main or side)."""

    name: str
    title: str | Promise
    place: str
    anchor: str


PANELS = [
    Panel("outcomes:clock_panel", _("Clock"), "strip", "clock"),
    Panel("review:assess_panel", _("Assessment"), "side", "assessment"),
    Panel("cases:living_panel", _("To decide"), "main", "decide"),
    Panel("dispatch:plan_panel", _("Who is told"), "main", "plan"),
    Panel("cases:known_panel", _("Known over time"), "main", "known"),
    Panel("dispatch:supplement_panel", _("Supplement"), "main", "supplement"),
    Panel("outcomes:messages_panel", _("Messages with reporters"), "main", "messages"),
    Panel("cases:changes_panel", _("What belongs together"), "side", "changes"),
    Panel("cases:tasks_panel", _("Tasks"), "side", "tasks"),
    Panel("outcomes:reporter_panel", _("What the reporters read"), "side", "reporters"),
]


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel of one case, ready for a template."""

    url: str
    title: str | Promise
    anchor: str


def of(case: Case, silent: Collection[str] = ()) -> dict[str, list[Placed]]:
    """The panels of a case by place, without those (by URL name) that have nothing to say now."""
    found: dict[str, list[Placed]] = {}
    for panel in PANELS:
        if panel.name in silent:
            continue
        placed = Placed(reverse(panel.name, args=[case.number]), panel.title, panel.anchor)
        found.setdefault(panel.place, []).append(placed)
    return found


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def answer(
    request: HttpRequest, case: Case, title: str | Promise, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The fragment `template` alone for htmx, else a page that includes it. `case` is in the context."""
    context = {**context, "case": case}
    if is_fragment(request):
        return render(request, template, context)
    return render(
        request, "cases/panel_page.html", {**context, "panel_title": title, "panel_template": template}
    )
