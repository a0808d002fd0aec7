"""The worker's step of this room: mentions -> links."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from tocsin.identifiers import bystanders
from tocsin.lib import steps
from tocsin.linking.link import follow_list, link_tips
from tocsin.tips.models import Tip

LINK = "linking.link"
_seen: list[bystanders.Version] = []  # the bystander list whose consequences this process has drawn


def link(limit: int) -> int:
    """Link tips that were read, a child in danger first. Also draws the consequences of a changed bystander list."""
    changed = _follow_the_list()
    unlinked = Tip.objects.filter(linked__isnull=True)
    ready = unlinked.filter(reading__isnull=False).only("danger")
    done = steps.work(LINK, danger_first(LINK, ready, limit), link_tips)
    if done:
        steps.tidy(LINK, unlinked, Tip.objects.all(), "recorded_at")
    return done + changed


def danger_first(step: str, tips: QuerySet[Tip], limit: int) -> Sequence[Tip]:
    """At most `limit` unprocessed tips: those of a child in danger now, then the others, oldest first."""
    return steps.pending(step, tips, limit, first=("danger", "yes"))


def _follow_the_list() -> int:
    now = bystanders.version()
    if _seen == [now]:
        return 0
    changed = follow_list()
    _seen[:] = [now]
    return changed
