"""The hotline's own figures."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tocsin.accounts.policy import StaffRequest, allowed, needs
from tocsin.statistics.campaigns import campaign_for, totals
from tocsin.statistics.publish import last_published
from tocsin.statistics.shown import text_of
from tocsin.statistics.table import rows


@needs("statistics.read")
@require_GET
def figures(request: StaffRequest) -> HttpResponse:
    """Exact figures beside what the public reads."""
    counts, medians, held = rows()
    context = {
        "counts": counts,
        "medians": medians,
        "held": held,
        "may_hold": allowed(request.user, "hold.record"),
        "as_of": last_published(),
    }
    return render(request, "statistics/figures.html", context)


@needs("statistics.campaign")
@require_GET
def campaign(request: StaffRequest, name: str) -> HttpResponse:
    """A campaign's totals, rounded as for the public: campaigners read this page."""
    found = campaign_for(request.user, name)
    if found is None:
        raise Http404
    labels = {
        "tips": _("Tips received"),
        "in_cases": _("Tips that belong to a case"),
        "accounts_gone": _("Accounts, groups and pages that are gone"),
    }
    figures = [(labels[key], *text_of(value)) for key, value in totals(found).items()]
    return render(request, "statistics/campaign.html", {"campaign": found, "figures": figures})
