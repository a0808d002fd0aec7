"""Merge cases: one number lives on, everything moves to it, the other number leads there for ever."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, CaseEvent, CaseState, CaseTip, Finding, Note
from tocsin.cases.score import counted, reasons

INHERITED = [
    "first_received_at",
    "last_received_at",
    "seen_at",
    "seen_by",
    "lane",
    "lane_rank",
    "lane_reasons",
]


def heir_of(cases: Iterable[Case]) -> Case:
    """Which number lives on: the case that people worked on, else one they have seen, else the older one."""
    return min(cases, key=lambda case: (not case.worked_on, case.seen_at is None, case.pk))


def merge(heir: Case, others: Iterable[Case], actor: str) -> None:
    """Move tips, findings, notes and timeline of `others` into `heir`. Inside `with write():`, behind the gate.

    The merged rows stay, with `merged_into`; who was merged, and with which tips, is in the heir's timeline.
    """
    for other in others:
        tips = _move(CaseTip.objects.filter(case=other), heir)
        kept = Finding.objects.filter(case=heir, identifier__isnull=False).values_list(
            "identifier_id", flat=True
        )
        Finding.objects.filter(case=other).exclude(identifier_id__in=list(kept)).update(case=heir)
        Note.objects.filter(case=other).update(case=heir)
        CaseEvent.objects.filter(case=other).update(case=heir)
        Case.objects.filter(merged_into=other).update(merged_into=heir)  # one step from any old number
        _close(other, heir)
        _inherit(heir, other)
        events.add(heir, "merged", actor, number=other.number, tips=len(tips), ids=tips)
        record(actor, "case.merge", heir.audit_name, merged=other.number, tips=len(tips))
    heir.save(update_fields=INHERITED)


def _move(rows: QuerySet[CaseTip], heir: Case) -> list[str]:
    moved = list(rows.order_by("tip_id").values_list("tip__public_id", flat=True))
    rows.update(case=heir)
    return moved


def _close(other: Case, heir: Case) -> None:
    other.state, other.merged_into = CaseState.MERGED, heir
    other.save(update_fields=["state", "merged_into"])


def _inherit(heir: Case, other: Case) -> None:
    heir.first_received_at = min(heir.first_received_at, other.first_received_at)
    heir.last_received_at = max(heir.last_received_at, other.last_received_at)
    if other.seen_at and (heir.seen_at is None or other.seen_at < heir.seen_at):
        heir.seen_at, heir.seen_by = other.seen_at, other.seen_by
    heir.lane_reasons = reasons(counted(heir) + counted(other))
    if other.lane_rank < heir.lane_rank:
        heir.lane, heir.lane_rank = other.lane, other.lane_rank
