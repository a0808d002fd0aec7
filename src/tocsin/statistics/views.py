"""The hotline's own figures."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tocsin.accounts.policy import StaffRequest, allowed, needs
from tocsin.statistics.publish import last_published
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
