"""The public figures: rows that the worker published; nothing is counted here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.statistics import shown
from tocsin.statistics.models import PublicFigure


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Counts and medians."""
    rows = list(PublicFigure.objects.all())
    published = {row.key: row.value for row in rows}
    context = {
        "counts": shown.counts(published),
        "medians": shown.medians(published),
        "within": shown.bars(published, "gone_within"),
        "kinds": shown.bars(published, "gone_kinds"),
        "as_of": max((row.as_of for row in rows), default=None),
    }
    return render(request, "statistics/public.html", context)
