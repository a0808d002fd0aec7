"""The daily figures."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tocsin.statistics.publish import last_published
from tocsin.statistics.publish import publish as publish_now


def publish(limit: int) -> int:
    """Publish if the last figures are older than `FIGURES_EVERY_HOURS`, or there are none; 1 if it did."""
    last = last_published()
    if limit < 1 or (last and timezone.now() - last < timedelta(hours=settings.FIGURES_EVERY_HOURS)):
        return 0
    publish_now("worker")
    return 1
