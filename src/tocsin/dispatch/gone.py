"""What is gone, for the room of cases: items that a recipient called suspended or removed."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from tocsin.cases import back_again
from tocsin.cases.back_again import Gone, Ids
from tocsin.dispatch.models import DispatchItem
from tocsin.dispatch.replies import GONE
from tocsin.lib.ask import ask

_GONE = [answer.value for answer in GONE]
_EXISTS = """SELECT EXISTS(SELECT 1 FROM dispatch_dispatchitem i
    WHERE i.identifier_id {among} AND i.answer {among} AND i.answered_at IS NOT NULL)
  OR EXISTS(SELECT 1 FROM dispatch_dispatch d JOIN dispatch_dispatchitem i ON i.dispatch_id = d.id
    WHERE d.case_id {among} AND i.answer {among} AND i.answered_at IS NOT NULL)"""


def history(*, identifiers: Ids = (), cases: Ids = (), items: Collection[str] = ()) -> list[Gone]:
    """Gone items of these identifiers, cases or items, each once, the first in front. One query for each kind asked.

    Each is asked by an index of its own: one condition over all of them would read every item.
    """
    asked = {"identifier__in": identifiers, "dispatch__case__in": cases, "public_id__in": items}
    found: dict[int, Gone] = {}
    for name, value in asked.items():
        if isinstance(value, QuerySet) or value:
            found.update({row.pk: _gone(row) for row in _rows(Q((name, value)))})
    return sorted(found.values(), key=lambda one: (one.gone_at, one.item))


def _rows(wanted: Q) -> QuerySet[DispatchItem]:
    rows = DispatchItem.objects.filter(wanted, answer__in=GONE, answered_at__isnull=False)
    return rows.select_related("identifier", "dispatch__case", "dispatch__recipient")


def _gone(row: DispatchItem) -> Gone:
    assert row.answered_at is not None  # noqa: S101 - filtered; tells the type checker
    case, recipient = row.dispatch.case, row.dispatch.recipient
    return Gone(
        row.identifier,
        row.public_id,
        case.pk,
        case.number,
        recipient.name,
        row.dispatch.sent_at,
        row.answered_at,
        row.answer,
    )


def exists(identifiers: Collection[int], cases: Collection[int]) -> bool:
    """Whether anything of these identifiers, or told in these cases, is gone. One question."""
    return bool(ask(_EXISTS, identifiers, _GONE, cases, _GONE)[0][0])


def enter() -> None:
    """Let cases ask; called once, when the applications are ready."""
    back_again.register(history, exists)
