"""Publish the figures for the door: rows, already rounded, already without what is held."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from tocsin.audit.record import record
from tocsin.lib.writing import write
from tocsin.statistics.figures import exact, public
from tocsin.statistics.models import PublicFigure


def publish(actor: str, now: datetime | None = None) -> dict[str, object]:
    """Compute and publish at once; returns what the door shows from now on."""
    at = now or timezone.now()
    figures = public(exact())
    with write():
        for key, value in figures.items():
            PublicFigure.objects.update_or_create(key=key, defaults={"value": value, "as_of": at})
        PublicFigure.objects.exclude(key__in=figures).delete()
        record(actor, "figures.published", "figures", figures=len(figures))
    return figures


def last_published() -> datetime | None:
    """When the figures were last published."""
    return PublicFigure.objects.order_by("-as_of").values_list("as_of", flat=True).first()
