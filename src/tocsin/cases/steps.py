"""The worker's steps of this room: links -> cases, text and answers -> urgency."""

from __future__ import annotations

from tocsin.cases.place import place_tips
from tocsin.cases.reread import reread
from tocsin.cases.score import score_tips
from tocsin.lib import steps
from tocsin.linking.steps import danger_first
from tocsin.tips.models import Tip

__all__ = ["place", "reread", "score"]
PLACE, SCORE = "cases.place", "cases.score"


def place(limit: int) -> int:
    """Put linked tips where they belong, a child in danger first."""
    unplaced = Tip.objects.filter(placed__isnull=True)
    done = steps.work(PLACE, danger_first(PLACE, unplaced.filter(linked__isnull=False), limit), place_tips)
    if done:
        steps.settle(PLACE, unplaced, Tip.objects.all(), "recorded_at")
    return done


def score(limit: int) -> int:
    """Find the signals of placed tips and raise the lanes of their cases."""
    unscored = Tip.objects.filter(scored__isnull=True)
    done = steps.work(SCORE, danger_first(SCORE, unscored.filter(placed__isnull=False), limit), score_tips)
    if done:
        steps.settle(SCORE, unscored, Tip.objects.all(), "recorded_at")
    return done
