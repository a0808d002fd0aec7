"""A campaign's totals: never a reporter, never an outcome within seven days, never a number under five."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from tocsin.accounts.models import Role, User
from tocsin.dispatch import holds
from tocsin.dispatch.models import DispatchItem, DispatchKind
from tocsin.dispatch.replies import GONE
from tocsin.statistics.figures import Figures, count, free_tips
from tocsin.tips.models import Campaign, Tip

QUIET = timedelta(days=7)  # an outcome could tell a suspect which tip did it


def campaign_for(user: User, name: str) -> Campaign | None:
    """The campaign, if this person may see its totals: a campaigner only the own ones."""
    rows = Campaign.objects.filter(name=name)
    return (rows.filter(owner=user) if user.role == Role.CAMPAIGNER else rows).first()


def totals(campaign: Campaign, now: datetime | None = None) -> Figures:
    """name -> {"n"} | {"few"}: tips, tips that could be acted on, accounts gone. What a hold touches is left out."""
    before = (now or timezone.now()) - QUIET
    tips = free_tips(holds.held_cases()).filter(campaign=campaign)
    placed = tips.filter(received_at__lt=before, case_tip__isnull=False)
    return {
        "tips": count(tips.count()),
        "in_cases": count(placed.count()),
        "accounts_gone": count(_gone(tips, before)),
    }


def _gone(tips: QuerySet[Tip], before: datetime) -> int:
    """Identifiers that these tips named and that were answered as gone more than a week ago."""
    items = DispatchItem.objects.filter(
        dispatch__kind=DispatchKind.NOTICE,
        dispatch__sent_at__lt=before,
        answer__in=GONE,
        answered_at__lt=before,
        identifier__mentions__tip__in=tips.values("pk"),
    ).exclude(dispatch__state="withdrawn")
    return items.values("identifier").distinct().count()
