"""The queue, the loose tips, a case, and the text of a tip."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tocsin.accounts import policy
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import opening, page, panels, queries, translations
from tocsin.cases.forms import QueueForm
from tocsin.cases.listing import Pages
from tocsin.cases.rows import rows
from tocsin.tips import queries as tips
from tocsin.tips.models import Tip

PAGE = 50


@require_GET
@needs("case.read")
def home(request: StaffRequest) -> HttpResponse:
    """The console begins with the queue."""
    return redirect("cases:queue")


@require_GET
@needs("case.read")
def queue(request: StaffRequest) -> HttpResponse:
    """The cases, the most urgent first; filters and page stand in the URL."""
    form = QueueForm(request.GET)
    asked = form.asked()
    found = queries.queue(request.user, **asked)
    listed: Any = Pages(found, PAGE, in_order=bool(asked["lane"])).get_page(request.GET.get("page"))
    part = bool(asked["q"]) and queries.is_named_too_often(asked["q"])
    context = {
        "form": form,
        "page": listed,
        "rows": rows(listed.object_list),
        "filtered": any(asked.values()),
        "read": queries.NAMED_READ if part else 0,
    }
    return render(request, "cases/queue.html", context)


@require_GET
@needs("case.read")
def loose(request: StaffRequest) -> HttpResponse:
    """Tips that are in no case."""
    listed: Any = Pages(queries.loose(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "cases/loose.html", {"page": listed})


@require_GET
@needs("case.read")
def loose_text(request: StaffRequest, public_id: str) -> HttpResponse:
    """The text of a tip that is in no case; the reading is recorded."""
    tip = get_object_or_404(queries.loose(request.user), public_id=public_id)
    context = {"tip": tip, "pieces": tips.marked(tip, request.user)}
    template = "cases/tip_text.html" if panels.is_fragment(request) else "cases/loose_text.html"
    return render(request, template, context)


@require_GET
@needs("case.read")
def case(request: StaffRequest, number: str) -> HttpResponse:
    """One case on one screen. The first look by a person counts as its opening."""
    found = queries.case_for(request.user, number)
    if found.number != number:
        said = _("%(old)s was merged: its tips are in this case.") % {"old": number}
        messages.info(request, said)
        return redirect("cases:case", found.number)
    opening.seen(found, request.user)
    found.refresh_from_db()
    return render(request, "cases/case.html", page.context(found, request.user, request.GET.dict()))


@require_GET
@needs("case.read")
def tip_text(request: StaffRequest, number: str, public_id: str) -> HttpResponse:
    """The text of one tip of the case, softened, identifiers marked; the reading is recorded."""
    found = queries.case_for(request.user, number)
    tip = get_object_or_404(Tip, case_tip__case=found, public_id=public_id)
    context = {
        "tip": tip,
        "pieces": tips.marked(tip, request.user),
        "has_contact": tip.contact_sealed is not None,
        "translations": translations.of_tip(tip, request.user),
        "may_translate": policy.allowed(request.user, "case.work", found),
    }
    return panels.answer(request, found, _("Text of a tip"), "cases/tip_text.html", context)
