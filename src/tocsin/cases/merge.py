"""Merge cases: one number lives on, everything moves to it, the other number leads there for ever.

A merge is a row (`Change`) that remembers what it moved: it can be undone (`changes.undo`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils import timezone

from tocsin.audit.record import record
from tocsin.cases import events, moving
from tocsin.cases.models import Case, CaseState, CaseTip, Change

SEEN = ["seen_at", "seen_by"]
AFTER: list[Callable[[Case, Case], None]] = []  # (heir, merged): what other parts do in the same transaction


def heir_of(cases: Iterable[Case]) -> Case:
    """Which number lives on: what people worked on, is not closed, was seen; else the older one."""
    return min(
        cases,
        key=lambda case: (
            not case.worked_on,
            case.state == CaseState.CLOSED,
            case.seen_at is None,
            case.pk,
        ),
    )


def merge(
    heir: Case, others: Iterable[Case], actor: str, reason_sealed: bytes | memoryview | None = None
) -> list[Change]:
    """Move tips, findings, notes, timeline and all else of `others` into `heir`. Inside `with write():`, behind the gate.

    Lane, times and counts of the heir are the caller's to bring up to date (`score.recount`).
    """
    return [_merge(heir, other, actor, reason_sealed) for other in others]


def _merge(heir: Case, other: Case, actor: str, reason_sealed: bytes | memoryview | None) -> Change:
    change = Change.objects.create(
        kind="merge",
        actor=actor,
        reason_sealed=reason_sealed,
        case=heir,
        other=other,
        before={"state": other.state, "seen": heir.seen_at.isoformat() if heir.seen_at else ""},
        at=timezone.now(),
    )
    moved = moving.move_all(change, other, heir)
    tips = list(
        CaseTip.objects.filter(pk__in=moved).order_by("tip_id").values_list("tip__public_id", flat=True)
    )
    other.state, other.merged_into = CaseState.MERGED, heir
    other.save(update_fields=["state", "merged_into"])
    if other.seen_at and (heir.seen_at is None or other.seen_at < heir.seen_at):
        heir.seen_at, heir.seen_by = other.seen_at, other.seen_by
        heir.save(update_fields=SEEN)
    if other.worked_on and not heir.worked_on:
        heir.worked_on = True
        heir.save(update_fields=["worked_on"])
    events.add(heir, "merged", actor, number=other.number, tips=len(tips), ids=tips, change=change.public_id)
    record(actor, "case.merge", heir.audit_name, merged=other.number, tips=len(tips), change=change.public_id)
    for told in AFTER:
        told(heir, other)
    return change
