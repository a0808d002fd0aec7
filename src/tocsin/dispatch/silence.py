"""Tells the room of tips about which of them reporters may be told nothing: those that a hold touches."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from tocsin.dispatch import holds
from tocsin.tips import silence
from tocsin.tips.models import Mention, Tip


def tips_bound(ids: Collection[int]) -> set[int]:
    """Those of these tips that name a held identifier, or lie in a case that a hold binds."""
    held = holds.binding().values("identifier_id")
    named = Mention.objects.filter(tip__in=ids, identifier_id__in=held).values("tip_id")
    tips = Tip.objects.filter(pk__in=ids).filter(
        Q(pk__in=named) | Q(case_tip__case__in=holds.held_cases().values("pk"))
    )
    return set(tips.values_list("pk", flat=True))


def enter() -> None:
    """Make every message to reporters ask."""
    silence.register(tips_bound)
