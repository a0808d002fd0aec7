"""What may not be deleted by itself: a reporter who wrote lately is still talking with us.

No function deletes tips yet. Whichever comes must take its rows from `deletable`, or ask `keeps`, inside the
transaction in which it deletes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tocsin.tips.models import Message, Tip

STILL_TALKING = timedelta(days=30)


def deletable(tips: QuerySet[Tip], now: datetime | None = None) -> QuerySet[Tip]:
    """Those of these tips in whose mailbox nobody wrote within `STILL_TALKING`.

    Asked of the messages themselves too: one may have come a moment ago, before the worker took note of it.
    """
    since = (now or timezone.now()) - STILL_TALKING
    lately = Message.objects.filter(box_tag=OuterRef("box_tag"), outward=False, at__gte=since).exclude(
        box_tag=""
    )
    return tips.filter(Q(wrote_at__isnull=True) | Q(wrote_at__lt=since)).exclude(Exists(lately))


def keeps(tip: Tip, now: datetime | None = None) -> bool:
    """Whether the reporter's own words of the last 30 days keep this tip from being deleted by itself."""
    return not deletable(Tip.objects.filter(pk=tip.pk), now).exists()
