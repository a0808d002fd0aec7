"""What the panel of a supplement shows."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.cases import queries as cases
from tocsin.cases.models import Case
from tocsin.dispatch import queries
from tocsin.dispatch.models import Dispatch, DispatchItem, Plan
from tocsin.dispatch.render import shown
from tocsin.dispatch.supplement import basis
from tocsin.identifiers.roles import MentionRole


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One draft: its recipient, what it adds to, its items inert, and its text as it would read now."""

    dispatch: Dispatch
    before: str  # reference of what the recipient was told before; empty: it was told nothing yet
    items: list[dict[str, str]]
    text: str
    held: bool


def lines(plan: Plan) -> list[DraftLine]:
    """The drafts of a supplement, referrals first."""
    rows = plan.dispatches.filter(state="draft").select_related("recipient", "supplement_to", "plan", "case")
    rows = rows.prefetch_related("items__identifier").order_by("-kind", "recipient__name")
    return [
        DraftLine(
            row,
            row.supplement_to.reference if row.supplement_to else "",
            [shown(item.identifier) for item in row.items.all()],
            queries.draft_text(row),
            queries.standing(row).waits,
        )
        for row in rows
    ]


def candidates(case: Case) -> list[dict[str, str]]:
    """What came in after the case was dispatched and has no role yet: a person decides whether it is reported."""
    base = basis(case)
    if base is None:
        return []
    named = set(DispatchItem.objects.filter(dispatch__case=case).values_list("identifier_id", flat=True))
    open_rows = (
        row for row in cases.identifiers_of(case) if row.role == MentionRole.UNKNOWN and not row.listed
    )
    return [
        shown(one)
        for row in open_rows
        if (one := row.identifier) is not None
        and one.pk not in named
        and one.strength != "hub"
        and one.first_seen_at > base.made_at
    ]
