"""Reads of the review room: assessments, and everything that waits for a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from tocsin.accounts.foureyes import REGISTER, Registered
from tocsin.accounts.models import User
from tocsin.cases.models import LANE_ORDER, Case, Lane
from tocsin.lib import sealing
from tocsin.review.models import Assessment

NO_CASE = LANE_ORDER[Lane.NORMAL]  # a proposal without a case stands beside the normal ones


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where one proposal stands, before its row is read."""

    rank: int
    at: datetime
    kind: str
    pk: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row of the approvals page. `own`: the reader proposed it and cannot approve it."""

    kind: str
    title: str
    item: Any
    line: str
    case: Case | None
    own: bool

    @property
    def tick(self) -> str:
        """What the list posts for this item: kind, public id and the digest that was shown."""
        return f"{self.kind}:{self.item.public_id}:{self.item.digest}"


def assessments(case: Case) -> QuerySet[Assessment]:
    """The newest first; the first one counts."""
    return case.assessments.select_related("by").order_by("-at", "-pk")


def rationale(assessment: Assessment) -> str:
    """The person's reasons, opened."""
    return sealing.unseal(assessment.rationale_sealed)


def waiting(kind: str = "") -> list[Waiting]:
    """All proposals, of one kind or of every kind: the most urgent case first, then the oldest."""
    found: list[Waiting] = []
    for key, entry in REGISTER.items():
        if kind in ("", key):
            rank = "case__lane_rank" if _has_case(entry.model) else None
            rows = entry.model.objects.filter(state="proposed")
            for pk, at, *ranks in rows.values_list("pk", "proposed_at", *([rank] if rank else [])):
                found.append(Waiting(ranks[0] if ranks else NO_CASE, at, key, pk))
    return sorted(found, key=lambda one: (one.rank, one.at, one.kind, one.pk))


def proposals(page: Iterable[Waiting], user: User) -> list[Proposal]:
    """The rows of one page, in its order; one query a kind."""
    wanted = list(page)
    rows: dict[tuple[str, int], Any] = {}
    for kind in {one.kind for one in wanted}:
        model = REGISTER[kind].model
        some = _with_parents(model).in_bulk([one.pk for one in wanted if one.kind == kind])
        rows.update({(kind, pk): row for pk, row in some.items()})
    return [proposal(one.kind, rows[one.kind, one.pk], user) for one in wanted if (one.kind, one.pk) in rows]


def proposal(kind: str, item: Any, user: User) -> Proposal:
    """One proposal as the pages show it."""
    entry = REGISTER[kind]
    line, case = str(entry.describe(item)), getattr(item, "case", None)
    return Proposal(kind, title(entry), item, line, case, item.proposed_by_id == user.pk)


def one(kind: str, public_id: str) -> tuple[Registered, Any] | None:
    """The registered entry and its row, whatever its state; None where there is no such thing."""
    entry = REGISTER.get(kind)
    item = (
        _with_parents(entry.model).filter(public_id=public_id).exclude(state="draft").first()
        if entry
        else None
    )
    return (entry, item) if entry and item else None


def title(entry: Registered) -> str:
    """The kind in words."""
    return str(getattr(entry.model, "title", "") or entry.key)


def _has_case(model: type[Model]) -> bool:
    return any(field.name == "case" and field.related_model is Case for field in model._meta.get_fields())


def _with_parents(model: Any) -> QuerySet[Any]:
    # rows that always belong to another one come with it, so that describing a list asks nothing more
    parents = [f.name for f in model._meta.fields if f.is_relation and not f.null]
    rows: QuerySet[Any] = model.objects.select_related("proposed_by", *parents)
    return rows
