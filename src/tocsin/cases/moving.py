"""Rows that go with a case when it merges, and come back when that is undone: told here by the rooms that have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from tocsin.cases.models import (
    Case,
    CaseEvent,
    CaseState,
    CaseTip,
    Change,
    ChangeRow,
    Finding,
    Flag,
    Note,
    Observation,
    Task,
)
from tocsin.lib.ask import act, ask
from tocsin.lib.rows import insert, new

BATCH = 500


@dataclass(frozen=True, slots=True)
class Movable:
    """A model whose rows lie in a case (`case`). `work`: such a row means that people worked on the case."""

    model: type[Model]
    work: bool = False
    stays: Callable[[QuerySet[Any], Case], QuerySet[Any]] | None = None  # rows that the heir has already

    @property
    def label(self) -> str:
        """How a change names the model."""
        return self.model._meta.label

    @property
    def table(self) -> str:
        """Where its rows lie."""
        return str(self.model._meta.db_table)

    def rows(self) -> QuerySet[Any]:
        """All of them."""
        return self.model._default_manager.all()


def _found_already(rows: QuerySet[Any], heir: Case) -> QuerySet[Any]:
    there = Finding.objects.filter(case=heir, identifier__isnull=False).values("identifier_id")
    return rows.filter(identifier__isnull=False, identifier_id__in=there)


def _asked_already(rows: QuerySet[Any], heir: Case) -> QuerySet[Any]:
    """Questions that wait on the heir too; and whether to reopen, which is for a closed case alone."""
    there = Flag.objects.filter(
        case=heir, settled_at__isnull=True, kind=OuterRef("kind"), about=OuterRef("about")
    )
    waiting = rows.filter(settled_at__isnull=True)
    return waiting.filter(Exists(there) | Q(kind__in=[] if heir.state == CaseState.CLOSED else ["reopen"]))


MOVABLE: dict[str, Movable] = {}


def register(model: type[Model], *, work: bool = False) -> None:
    """A room's rows (with a foreign key `case`) go with the case. Called from `apps.py`."""
    one = Movable(model, work)
    MOVABLE[one.label] = one


for _one in (
    Movable(CaseTip),
    Movable(Finding, work=True, stays=_found_already),
    Movable(Note, work=True),
    Movable(CaseEvent),
    Movable(Observation),
    Movable(Flag, stays=_asked_already),
    Movable(Task, work=True),
):
    MOVABLE[_one.label] = _one


Way = tuple[Change, Case, Case]  # what remembers it, from, to


def move_all(ways: Sequence[Way]) -> dict[int, list[int]]:
    """Everything of each source goes to its target; remembered in its change.

    Returns for each change (id) the ids of the tips that went, in their order. One question a model, however many ways.
    """
    tips: dict[int, list[int]] = {change.pk: [] for change, _source, _target in ways}
    for one in MOVABLE.values():
        sources = [source.pk for _change, source, _target in ways if source.worked_on or not one.work]
        found = _lying(one, sources)
        for change, source, target in ways:
            if not (rows := found.get(source.pk, [])):
                continue
            ids = [pk for pk, _tip in rows]
            if one.stays is not None:
                staying = one.stays(one.rows().filter(case=source), target)
                ids = sorted(set(ids) - set(staying.values_list("pk", flat=True)))
            _move(change, one, ids, source, target)
            if one.model is CaseTip:
                tips[change.pk] = sorted(tip for _pk, tip in rows)
    return tips


def _lying(one: Movable, cases: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Case -> (id, tip) of its rows, in their order; tip is 0 for all but a tip's place."""
    if not cases:
        return {}
    tip = "tip_id" if one.model is CaseTip else "0"
    asked = f"SELECT id, case_id, {tip} FROM {one.table} WHERE case_id {{among}} ORDER BY id"  # noqa: S608 - our own
    found: dict[int, list[tuple[int, int]]] = {}
    for pk, case, said in ask(asked, cases):
        found.setdefault(case, []).append((pk, said))
    return found


def move_tips(change: Change, places: Sequence[CaseTip], source: Case, target: Case) -> None:
    """These tips go to `target`; remembered in `change`."""
    _move(change, MOVABLE["cases.CaseTip"], [place.pk for place in places], source, target)


def _move(change: Change, one: Movable, ids: Sequence[int], source: Case, target: Case) -> None:
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        act(f"UPDATE {one.table} SET case_id = %s WHERE id {{among}}", target.pk, some)  # noqa: S608 - our own
        values = {"change_id": change.pk, "model": one.label, "source_id": source.pk, "target_id": target.pk}
        insert([new(ChangeRow, row=pk, **values) for pk in some])


def where_now(rows: Iterable[ChangeRow]) -> dict[tuple[str, int], int]:
    """(model, row) -> the case in which it lies now; rows that are gone are left out."""
    by_model: dict[str, list[int]] = {}
    for row in rows:
        by_model.setdefault(row.model, []).append(row.row)
    found: dict[tuple[str, int], int] = {}
    for label, ids in by_model.items():
        for start in range(0, len(ids), BATCH):
            there = MOVABLE[label].rows().filter(pk__in=ids[start : start + BATCH])
            found |= {(label, pk): case for pk, case in there.values_list("pk", "case_id")}
    return found


def move_back(rows: Sequence[ChangeRow]) -> None:
    """Each row goes back to where the change took it from."""
    by_target: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        by_target.setdefault((row.model, row.source_id), []).append(row.row)
    for (label, source), ids in by_target.items():
        for start in range(0, len(ids), BATCH):
            MOVABLE[label].rows().filter(pk__in=ids[start : start + BATCH]).update(case=source)


def other_rows(case: Case, moved: set[tuple[str, int]]) -> bool:
    """Whether the case holds anything but these rows and lines of its timeline."""
    for label, one in MOVABLE.items():
        if one.model is CaseEvent:
            continue
        ids = set(one.rows().filter(case=case).values_list("pk", flat=True))
        if ids - {pk for model, pk in moved if model == label}:
            return True
    return False


def worked_on(case: Case) -> bool:
    """Whether people worked on it: what they wrote, assessed, planned; who it is about; a change of theirs."""
    if case.subject_sealed is not None or any(
        one.rows().filter(case=case).exists() for one in MOVABLE.values() if one.work
    ):
        return True
    changes = Change.objects.exclude(actor="worker").filter(undone_at__isnull=True)
    undone = Change.objects.filter(actor="worker", undone_at__isnull=False)  # people said: apart
    return any(
        some.filter(case=case).exists() or some.filter(other=case).exists() for some in (changes, undone)
    )
