"""What tips state becomes dated observations: member counts, fees, owners, live now. Written once, with the score.

Nothing is opened but what was read in the text (`Reading.facts_sealed`), once a tip. The rows belong to their tip and
go with it from case to case; their grade is "said", whoever confirms one writes a row beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tocsin.cases.models import Observation, Scored
from tocsin.lib import sealing
from tocsin.lib.ask import ask
from tocsin.lib.rows import insert
from tocsin.tips.models import Mention, Tip

_FACTS = "SELECT tip_id, facts_sealed FROM tips_reading WHERE tip_id {among} AND facts_sealed IS NOT NULL"
MOST = Decimal(10) ** 12  # what is larger is no member count and no fee
MOST_A_TIP = 40
KINDS = {"count": "members", "fee": "fee"}
BESIDE = (("group", "channel"), ("account", "site"))  # what a count or a fee is of, the likelier first
LIVE = "live_now"  # the signal that says it
Facts = Mapping[int, Mapping[str, Any] | None]  # tip's id -> what was read in it


@dataclass(frozen=True, slots=True)
class _Named:
    """A readable identifier and where it stands in the text."""

    identifier: int
    kind: str
    start: int
    end: int

    def gap(self, start: int, end: int) -> int:
        """Characters between it and what stands there."""
        return max(start - self.end, self.start - end, 0)


def of_cases(case_ids: Collection[int]) -> tuple[QuerySet[Observation], QuerySet[Observation]]:
    """The observations of these cases: what their tips say, and what people added. Two queries, each by an index."""
    rows = Observation.objects.order_by()
    return rows.filter(tip__case_tip__case__in=case_ids), rows.filter(case__in=case_ids)


def facts_of(tips: Iterable[Tip]) -> dict[int, Any]:
    """What was read in these tips, opened; tips in which nothing was stated are missing."""
    return {pk: sealing.unseal_json(value) for pk, value in ask(_FACTS, [tip.pk for tip in tips])}


def stated(
    tips: Sequence[Tip], facts: Facts | None = None, signals: Mapping[int, Collection[str]] | None = None
) -> list[Observation]:
    """Rows, not yet stored, of what these tips state. To be called outside the transaction.

    `facts` where they are at hand, else they are opened; `signals`: names of the signals of each tip.
    """
    facts = facts_of(tips) if facts is None else facts
    telling = {
        pk for pk, found in facts.items() if found and (found.get("observations") or found.get("owners"))
    }
    telling |= {pk for pk, names in (signals or {}).items() if LIVE in names}
    named = _named(telling)
    rows: list[Observation] = []
    for tip in tips:
        if tip.pk in telling:
            live = LIVE in (signals or {}).get(tip.pk, ())
            rows += _rows(tip, facts.get(tip.pk) or {}, named.get(tip.pk, []), live)[:MOST_A_TIP]
    return rows


def keep(rows: Sequence[Observation], tips: Collection[int]) -> None:
    """Store the rows of these tips (ids). Inside `with write():`."""
    insert([row for row in rows if row.tip_id in tips])


def again(tips: Sequence[Tip], facts: Facts) -> None:
    """Scored tips were read again: what software wrote of them is written anew. Inside `with write():`."""
    ids = list(
        Scored.objects.filter(tip__in=tips).values_list("tip_id", flat=True)
    )  # the others: with their score
    Observation.objects.filter(tip__in=ids, by__isnull=True).exclude(kind="live").delete()
    keep(stated([tip for tip in tips if tip.pk in ids], {pk: facts.get(pk) for pk in ids}), ids)


def let_go(case_id: int, identifier_id: int) -> None:
    """An identifier is sealed in this case: its facts stay, and name it no more. Inside `with write():`."""
    for rows in of_cases([case_id]):
        for field in ("identifier", "owner"):
            some = list(rows.filter(**{field: identifier_id}).values_list("pk", flat=True))
            if some:
                Observation.objects.filter(pk__in=some).update(**{field: None})


def _named(tips: Collection[int]) -> dict[int, list[_Named]]:
    found: dict[int, list[_Named]] = {}
    if tips:
        mentions = Mention.objects.filter(tip__in=tips, identifier__isnull=False).order_by("start", "pk")
        for mention in mentions.select_related("identifier"):
            if (one := mention.identifier) is not None:
                place = _Named(one.pk, one.kind, mention.start, mention.end)
                found.setdefault(mention.tip_id, []).append(place)
    return found


def _rows(tip: Tip, facts: Mapping[str, Any], named: list[_Named], live: bool) -> list[Observation]:
    rows = [row for one in facts.get("observations", ()) if (row := _number(tip, one, named)) is not None]
    _number_tiers(rows)
    starts = {one.start: one.identifier for one in named}
    for account, group in facts.get("owners", ()):
        if account in starts and group in starts:
            rows.append(_row(tip, "owner", starts[group], owner_id=starts[account]))
    if live:
        accounts = [one for one in named if one.kind in ("account", "channel", "group")]
        rows.append(_row(tip, "live", accounts[0].identifier if accounts else None, amount=Decimal(1)))
    return rows


def _number(tip: Tip, fact: Mapping[str, Any], named: list[_Named]) -> Observation | None:
    kind = KINDS.get(fact["kind"])
    amount = _decimal(fact["value"]) if kind else None
    if kind is None or amount is None:
        return None
    return _row(
        tip,
        kind,
        _beside(named, fact["start"], fact["end"]),
        amount=amount,
        currency=(fact["unit"] or "")[:5],
        period=fact["period"] or "",
    )


def _decimal(value: str) -> Decimal | None:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount.quantize(Decimal("0.01")) if 0 < amount < MOST else None


def _beside(named: list[_Named], start: int, end: int) -> int | None:
    """The identifier that a number is of: the nearest group of the text, else the nearest account or site."""
    for kinds in BESIDE:
        some = [one for one in named if one.kind in kinds]
        if some:
            return min(some, key=lambda one: one.gap(start, end)).identifier
    return None


def _number_tiers(rows: Iterable[Observation]) -> None:
    """Several fees of one period for one thing in one tip are its tiers, the cheapest first."""
    lists: dict[tuple[Any, ...], list[Observation]] = {}
    for row in rows:
        if row.kind == "fee" and row.period != "once":
            lists.setdefault((row.identifier_id, row.currency, row.period), []).append(row)
    for some in lists.values():
        amounts = sorted({row.amount for row in some if row.amount is not None})
        for row in some:
            if len(amounts) > 1 and row.amount is not None:
                row.tier = amounts.index(row.amount) + 1


def _row(tip: Tip, kind: str, identifier: int | None, **fields: Any) -> Observation:
    return Observation(
        kind=kind,
        identifier_id=identifier,
        grade="said",
        tip=tip,
        observed_at=_when(tip),
        recorded_at=timezone.now(),
        **fields,
    )


def _when(tip: Tip) -> datetime:
    """When it was so, as far as the tip tells."""
    return tip.occurred_at if tip.occurred_at and not tip.time_doubtful else tip.received_at
