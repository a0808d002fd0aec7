"""Merge cases: one number lives on, everything moves to it, the other number leads there for ever.

A merge is a row (`Change`) that remembers what it moved: it can be undone (`changes.undo`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.utils import timezone

from tocsin.audit.record import record_many
from tocsin.cases import events, moving
from tocsin.cases.models import Case, CaseState, Change
from tocsin.lib.ask import ask
from tocsin.lib.rows import insert, new, update

Pair = tuple[Case, Case]  # heir, merged
SEEN = ["seen_at", "seen_by"]
AFTER: list[Callable[[Sequence[Pair]], None]] = []  # what other parts do in the same transaction


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


def merge(heir: Case, other: Case, actor: str, reason_sealed: bytes | memoryview | None = None) -> Change:
    """Move tips, findings, notes, timeline and all else of `other` into `heir`. Inside `with write():`, behind the gate.

    Lane, times and counts of the heir are the caller's to bring up to date (`score.recount`).
    """
    return merge_many([(heir, other)], actor, reason_sealed)[0]


def merge_many(
    pairs: Sequence[Pair], actor: str, reason_sealed: bytes | memoryview | None = None
) -> list[Change]:
    """`merge` for many: (heir, merged); one heir may take up several. A bounded number of questions."""
    if not pairs:
        return []
    changes = _begun(pairs, actor, reason_sealed)
    ways = [(change, other, heir) for change, (heir, other) in zip(changes, pairs, strict=True)]
    tips = moving.move_all(ways)
    every = [tip for some in tips.values() for tip in some]
    public = dict(ask("SELECT id, public_id FROM tips_tip WHERE id {among}", every))
    for _change, other, _heir in ways:
        other.state = CaseState.MERGED
    update([other for _heir, other in pairs], ["state", "merged_into"])
    update(list({heir.pk: heir for heir, _other in pairs}.values()), [*SEEN, "worked_on"])
    lines, rows = [], []
    for change, other, heir in ways:
        ids = [public[tip] for tip in tips[change.pk]]
        facts = {"number": other.number, "tips": len(ids), "ids": ids, "change": change.public_id}
        lines.append((heir, "merged", actor, None, facts))
        detail = {"merged": other.number, "tips": len(ids), "change": change.public_id}
        rows.append((actor, "case.merge", heir.audit_name, detail))
    events.add_many(lines)
    record_many(rows)
    for told in AFTER:
        told(pairs)
    return changes


def _begun(pairs: Sequence[Pair], actor: str, reason_sealed: bytes | memoryview | None) -> list[Change]:
    """The rows that remember the merges, each with what its undo brings back; the heirs learn what others saw."""
    now, changes = timezone.now(), []
    for heir, other in pairs:
        before = {"state": str(other.state), "seen": heir.seen_at.isoformat() if heir.seen_at else ""}
        changes.append(
            new(
                Change,
                kind="merge",
                actor=actor,
                reason_sealed=reason_sealed,
                case_id=heir.pk,
                other_id=other.pk,
                before=before,
                at=now,
            )
        )
        other.merged_into = heir
        if other.seen_at and (heir.seen_at is None or other.seen_at < heir.seen_at):
            heir.seen_at, heir.seen_by = other.seen_at, other.seen_by
        heir.worked_on = heir.worked_on or other.worked_on
    insert(changes)
    ids = dict(
        ask(
            "SELECT public_id, id FROM cases_change WHERE public_id {among}",
            [change.public_id for change in changes],
        )
    )
    for change, (heir, other) in zip(changes, pairs, strict=True):
        change.pk, change._state.adding = ids[change.public_id], False
        change.case, change.other = heir, other
    return changes
