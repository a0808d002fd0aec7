"""Open cases and add tips to them, many at once: the only writers of new `Case` and `CaseTip` rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from tocsin.audit.record import record_many
from tocsin.cases import events
from tocsin.cases.models import Case, CaseState, CaseTip
from tocsin.cases.numbers import next_numbers
from tocsin.tips.models import Tip

BATCH = 500  # rows a statement
Because = Mapping[int, list[str]]  # tip's id -> public ids of the identifiers that put it there


def open_cases(
    groups: Sequence[Sequence[Tip]], because: Because, actor: str, kind: str = "opened"
) -> list[Case]:
    """A new case for each group of tips (none empty). Inside `with write():`, behind the gate."""
    if not groups:
        return []
    now = timezone.now()
    cases = [
        Case(
            number=number,
            opened_at=now,
            first_received_at=min(tip.received_at for tip in tips),
            last_received_at=max(tip.received_at for tip in tips),
        )
        for number, tips in zip(next_numbers(len(groups), now), groups, strict=True)
    ]
    Case.objects.bulk_create(cases, batch_size=BATCH)
    pairs = list(zip(cases, groups, strict=True))
    _attach(pairs, because)
    events.add_many(
        (case, kind, actor, now, {"number": case.number, "tips": len(tips)}) for case, tips in pairs
    )
    record_many((actor, f"case.{kind}", case.audit_name, {"tips": len(tips)}) for case, tips in pairs)
    return cases


def add_tips(pairs: Sequence[tuple[Case, Sequence[Tip]]], because: Because, actor: str) -> None:
    """These tips join these cases; a closed one comes back before people. Behind the gate, cases locked."""
    if not pairs:
        return
    _attach(pairs, because)
    for case, tips in pairs:
        case.first_received_at = min([case.first_received_at, *(tip.received_at for tip in tips)])
        case.last_received_at = max([case.last_received_at, *(tip.received_at for tip in tips)])
    events.add_many(
        (case, "tips_joined", actor, None, {"tips": len(tips), "ids": [tip.public_id for tip in tips]})
        for case, tips in pairs
    )
    record_many((actor, "case.tips_joined", case.audit_name, {"tips": len(tips)}) for case, tips in pairs)
    _reopen([case for case, _tips in pairs if case.state == CaseState.CLOSED], actor)
    Case.objects.bulk_update(
        [case for case, _tips in pairs], ["first_received_at", "last_received_at", "state"], batch_size=BATCH
    )


def _reopen(cases: Sequence[Case], actor: str) -> None:
    for case in cases:
        case.state = CaseState.REOPENED
    events.add_many((case, "state", actor, None, {"state": CaseState.REOPENED.value}) for case in cases)
    record_many(
        (actor, "case.state", case.audit_name, {"before": "closed", "after": "reopened"}) for case in cases
    )


def _attach(pairs: Iterable[tuple[Case, Sequence[Tip]]], because: Because) -> None:
    now = timezone.now()
    rows = [
        CaseTip(case=case, tip=tip, because=because.get(tip.pk, []), at=now)
        for case, tips in pairs
        for tip in tips
    ]
    CaseTip.objects.bulk_create(rows, batch_size=BATCH)
