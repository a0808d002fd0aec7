"""Open cases and add tips to them, many at once: the only writers of new `Case` and `CaseTip` rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from tocsin.audit.record import record_many
from tocsin.cases import events, living
from tocsin.cases.models import Case, CaseTip
from tocsin.cases.numbers import next_numbers
from tocsin.lib.rows import insert, new, update
from tocsin.tips.models import Tip

Because = Mapping[int, list[str]]  # tip's id -> public ids of the identifiers that put it there


def open_cases(
    groups: Sequence[Sequence[Tip]], because: Because, actor: str, kind: str = "opened"
) -> list[Case]:
    """A new case for each group of tips (none empty). Inside `with write():`, behind the gate."""
    if not groups:
        return []
    now = timezone.now()
    cases = [
        new(
            Case,
            number=number,
            opened_at=now,
            first_received_at=min(tip.received_at for tip in tips),
            last_received_at=max(tip.received_at for tip in tips),
        )
        for number, tips in zip(next_numbers(len(groups), now), groups, strict=True)
    ]
    insert(cases)
    ids = dict(Case.objects.filter(number__in=[case.number for case in cases]).values_list("number", "pk"))
    for case in cases:
        case.pk = ids[case.number]
        case._state.adding = False
    pairs = list(zip(cases, groups, strict=True))
    _attach(pairs, because)
    events.add_many(
        (case, kind, actor, now, {"number": case.number, "tips": len(tips)}) for case, tips in pairs
    )
    record_many((actor, f"case.{kind}", case.audit_name, {"tips": len(tips)}) for case, tips in pairs)
    living.opened(pairs)
    return cases


def empty_case(like: Case, tips: Sequence[Tip], actor: str) -> Case:
    """A new, open case that tips of another one are about to be moved into. Inside `with write():`, behind the gate."""
    now = timezone.now()
    case = Case.objects.create(
        number=next_numbers(1, now)[0],
        opened_at=now,
        first_received_at=min(tip.received_at for tip in tips),
        last_received_at=max(tip.received_at for tip in tips),
        seen_at=like.seen_at,
        seen_by=like.seen_by,
        paged=like.paged,  # whoever was called about these tips knows of them
    )
    record_many([(actor, "case.opened", case.audit_name, {"from": like.number})])
    return case


def add_tips(pairs: Sequence[tuple[Case, Sequence[Tip]]], because: Because, actor: str) -> None:
    """These tips join these cases; a closed one is proposed for reopening. Behind the gate, cases locked."""
    if not pairs:
        return
    _attach(pairs, because)
    moved = [case for case, tips in pairs if _widen(case, tips)]
    events.add_many(
        (case, "tips_joined", actor, None, {"tips": len(tips), "ids": [tip.public_id for tip in tips]})
        for case, tips in pairs
    )
    record_many((actor, "case.tips_joined", case.audit_name, {"tips": len(tips)}) for case, tips in pairs)
    update(moved, ["first_received_at", "last_received_at"])
    living.joined(pairs)


def _widen(case: Case, tips: Sequence[Tip]) -> bool:
    """Let the case's times span these tips too. Returns whether they changed."""
    before = case.first_received_at, case.last_received_at
    case.first_received_at = min([case.first_received_at, *(tip.received_at for tip in tips)])
    case.last_received_at = max([case.last_received_at, *(tip.received_at for tip in tips)])
    return before != (case.first_received_at, case.last_received_at)


def _attach(pairs: Iterable[tuple[Case, Sequence[Tip]]], because: Because) -> None:
    now = timezone.now()
    rows = [
        new(CaseTip, case_id=case.pk, tip_id=tip.pk, because=because.get(tip.pk, []), at=now)
        for case, tips in pairs
        for tip in tips
    ]
    insert(rows)
