"""Tips leave a case: for a case of their own, or, where nothing joins them to anything, for none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from tocsin.audit.record import record
from tocsin.cases import events, grow, moving, score
from tocsin.cases.models import Case, CaseTip, Change, Placed, Scored
from tocsin.cases.working import mark_worked_on

WORKER = "worker"


def divide(
    row: Case,
    places: Sequence[CaseTip],
    kind: str,
    actor: str,
    reason_sealed: bytes | None = None,
    *,
    recount: bool = True,
) -> Change:
    """These tips become a case of their own (`change.other`). Inside `with write():`, behind the gate, `row` locked.

    Without `recount` the caller brings both cases' lanes and times up to date.
    """
    new = grow.empty_case(row, [place.tip for place in places], actor)
    change = made(kind, row, actor, reason_sealed, other=new)
    moving.move_tips(change, places, row, new)
    names = [place.tip.public_id for place in places]
    events.add(row, "split_off", actor, number=new.number, tips=len(places), change=change.public_id)
    events.add(new, "split_from", actor, number=row.number, tips=len(places), ids=names)
    record(actor, f"case.{kind}", row.audit_name, into=new.number, tips=len(places), change=change.public_id)
    if actor != WORKER:
        for one in (row, new):
            mark_worked_on(one)
    if recount:
        score.recount([row.pk, new.pk])
    return change


def loosen(row: Case, places: Sequence[CaseTip], actor: str, reason_sealed: bytes | None = None) -> Change:
    """These tips join nothing: they are in no case from now on, as if they had come alone. No recount: the caller's."""
    tips = [place.tip_id for place in places]
    change = made("cut", row, actor, reason_sealed, before={"loose": tips})
    names = [place.tip.public_id for place in places]
    CaseTip.objects.filter(pk__in=[place.pk for place in places]).delete()
    Placed.objects.filter(tip__in=tips).update(loose=True)
    events.add(row, "loosened", actor, tips=len(tips), ids=names, change=change.public_id)
    record(actor, "case.loosened", row.audit_name, tips=len(tips), change=change.public_id)
    return change


def tighten(change: Change) -> None:
    """Undo `loosen`: the tips come back. Those in no case any more only because of it are all still loose."""
    now = timezone.now()
    tips = change.before["loose"]
    CaseTip.objects.bulk_create(CaseTip(case=change.case, tip_id=pk, because=[], at=now) for pk in tips)
    Placed.objects.filter(tip__in=tips).update(loose=False)
    score.count_in(dict(Scored.objects.filter(tip__in=tips).values_list("tip_id", "signals")))


def still_loose(change: Change) -> bool:
    """Whether all that `loosen` let go is in no case yet."""
    return not CaseTip.objects.filter(tip__in=change.before["loose"]).exists()


def made(kind: str, case: Case, actor: str, reason_sealed: bytes | None, **more: Any) -> Change:
    """The row of a change."""
    return Change.objects.create(
        kind=kind, case=case, actor=actor, reason_sealed=reason_sealed, at=timezone.now(), **more
    )
