"""The worker's steps of this room: links -> cases, text and answers -> urgency."""

from __future__ import annotations

from django.utils import timezone

from tocsin.cases import alarms as paging
from tocsin.cases import duty
from tocsin.cases.cutting import cut_glued
from tocsin.cases.place import NEEDED, place_tips
from tocsin.cases.reread import reread
from tocsin.cases.score import NEEDED as NEEDED_TO_SCORE
from tocsin.cases.score import score_tips
from tocsin.lib import steps
from tocsin.linking.steps import danger_first
from tocsin.tips.models import Tip

__all__ = ["alarms", "place", "reread", "score"]
PLACE, SCORE = "cases.place", "cases.score"


def place(limit: int) -> int:
    """Put linked tips where they belong, a child in danger first."""
    unplaced = Tip.objects.filter(placed__isnull=True)
    ready = unplaced.filter(linked__isnull=False).only(*NEEDED)
    done = steps.work(PLACE, danger_first(PLACE, ready, limit), place_tips)
    if done:
        steps.tidy(PLACE, unplaced, Tip.objects.all(), "recorded_at")
    return done


def cut(limit: int) -> int:
    """Cut what hubs had glued before they were found."""
    return cut_glued(limit)


def score(limit: int) -> int:
    """Find the signals of placed tips and raise the lanes of their cases."""
    unscored = Tip.objects.filter(scored__isnull=True)
    ready = unscored.filter(placed__isnull=False).select_related("body").only(*NEEDED_TO_SCORE)
    done = steps.work(SCORE, danger_first(SCORE, ready, limit), score_tips)
    if done:
        steps.tidy(SCORE, unscored, Tip.objects.all(), "recorded_at")
    return done


def alarms(limit: int) -> int:
    """Call somebody about what became immediate; tell the public pages whether somebody is on duty."""
    now = timezone.now()
    return duty.show_at_door(now) + paging.work(limit, now)
