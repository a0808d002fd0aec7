"""The step that follows a changed data file: tips are read, linked and placed again, in one transaction a batch.

A tip that is in a case stays there; a loose one may now join a case or open one. Case numbers never change.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.audit.record import record_many
from tocsin.cases import events, score, stating
from tocsin.cases.models import Case, CaseTip, Placed, Scored
from tocsin.cases.numbers import gate
from tocsin.cases.place import ACTOR, place_tips
from tocsin.identifiers.catalogue_in_use import data_version
from tocsin.lib import steps
from tocsin.lib.writing import write
from tocsin.linking.link import follow_reading
from tocsin.tips import reread as tips_again
from tocsin.tips.mentions import drop_if_unused
from tocsin.tips.models import Tip
from tocsin.tips.reread import Change

REREAD = "tips.reread"
LOOK_AGAIN = 600.0  # seconds after which a finished walk looks again for rows that failed


@dataclass(slots=True)
class _Walk:
    """How far this process is: danger now first, then all, each from the newest tip down.

    Kept in memory: a process that starts again looks at every reading once, and finds most of them done.
    """

    version: str
    danger: bool = True
    below: int | None = None
    ended_at: float | None = None


_walks: list[_Walk] = []


def reread(limit: int) -> int:
    """Read tips again that were read with other data than is in use now; returns how many were done."""
    walk = _walk(data_version())
    while walk.ended_at is None:
        tips = tips_again.stale(walk.version, limit, walk.below, walk.danger, steps.waiting(REREAD))
        if tips:
            walk.below = tips[-1].pk
            return steps.work(REREAD, tips, read_tips_again)
        if walk.danger:
            walk.danger, walk.below = False, None
        else:
            walk.ended_at = time.monotonic()
    return 0


def start_over() -> None:
    """Forget how far this process is."""
    _walks.clear()


def _walk(version: str) -> _Walk:
    known = _walks[0] if _walks else None
    over = known is not None and known.ended_at is not None and time.monotonic() - known.ended_at > LOOK_AGAIN
    if known is None or known.version != version or over:
        _walks[:] = [_Walk(version)]
    return _walks[0]


def read_tips_again(tips: Sequence[Tip]) -> None:
    """Mentions, links, places and audit of these tips, all or nothing. Tips that are up to date are left alone."""
    results = tips_again.read_again(tips)
    with write():
        gate()
        changes = tips_again.apply(results)
        changed = [change.tip for change in changes if change.relink]
        follow_reading([tip.pk for tip in changed])
        for identifier in {row.pk: row for change in changes for row in change.left}.values():
            drop_if_unused(identifier)
        stating.again([change.tip for change in changes], {one.tip.pk: one.facts for one in results})
        _place_again(changed)
        score.follow_reading(changed)
        _tell(changes)


def _place_again(tips: Sequence[Tip]) -> None:
    """Loose tips go through the same door as new ones; where they land, their signals count."""
    loose = Placed.objects.filter(tip__in=tips, loose=True)
    ids = set(loose.values_list("tip_id", flat=True))
    if not ids:
        return
    loose.delete()
    place_tips([tip for tip in tips if tip.pk in ids])
    scored = Scored.objects.filter(tip__in=ids, tip__case_tip__isnull=False)
    score.count_in(dict(scored.values_list("tip_id", "signals")))


def _tell(changes: Sequence[Change]) -> None:
    """One audit row for the batch and one for each tip that changed; a line in the timelines of their cases."""
    found = {change.tip.pk: change for change in changes if change.added or change.removed}
    rows = [
        (ACTOR, "tip.reread", f"tip:{one.tip.public_id}", {"added": one.added, "removed": one.removed})
        for one in found.values()
    ]
    if changes:
        rows.append((ACTOR, "tips.reread", "tips", {"tips": len(changes), "changed": len(found)}))
    record_many(rows)
    added, removed = Counter[int](), Counter[int]()
    for case, tip in CaseTip.objects.filter(tip__in=found).values_list("case_id", "tip_id"):
        added[case] += found[tip].added
        removed[case] += found[tip].removed
    events.add_many(
        (case, "read_again", ACTOR, None, {"added": added[case.pk], "removed": removed[case.pk]})
        for case in Case.objects.filter(pk__in=added).order_by("pk")
    )
