"""Cases as plain values, for the command line and the API: the same words in both.

Sealed text is never in them: no narrative, no reason, no subject. A sealed identifier says only that it is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count

from tocsin.accounts.models import User
from tocsin.cases import changes, flags, proposals, queries, signals
from tocsin.cases.contents import CaseIdentifier, identifiers_of
from tocsin.cases.models import Case, CaseTip, Change, Flag, MergeProposal
from tocsin.cases.queries import EventLine, TipLine, actionability_sentences, old_numbers
from tocsin.cases.words import language

Values = dict[str, Any]


def lines(cases: Iterable[Case]) -> list[Values]:
    """Each case as a list shows it, in the same order. One query for the numbers of tips."""
    rows = list(cases)
    counts = dict(
        CaseTip.objects.filter(case__in=[row.pk for row in rows])
        .order_by()
        .values_list("case")
        .annotate(n=Count("pk"))
    )
    return [_line(row, counts.get(row.pk, 0)) for row in rows]


def _line(case: Case, tips: int) -> Values:
    return {
        "number": case.number,
        "state": case.state,
        "lane": case.lane,
        "urgency": case.urgency,
        "actionability": case.actionability,
        "reporters": str(case.reporters),
        "reasons": [_reason(reason) for reason in case.lane_reasons],
        "tips": tips,
        "opened_at": _time(case.opened_at),
        "first_received_at": _time(case.first_received_at),
        "last_received_at": _time(case.last_received_at),
        "seen_at": _time(case.seen_at),
        "worked_on": case.worked_on,
    }


def _reason(reason: Values) -> Values:
    name = str(reason["signal"])
    return {"signal": name, "tips": reason.get("tips", 0), "sentence": signals.sentence(name, language())}


def whole(case: Case) -> Values:
    """A case with its identifiers, what waits for a person, and the old numbers that lead to it."""
    (line,) = lines([case])
    return line | {
        "actionable_because": actionability_sentences(case),
        "old_numbers": old_numbers(case),
        "identifiers": [_identifier(one) for one in identifiers_of(case)],
        "flags": [flag(one) for one in flags.of_case(case)],
        "proposals": [proposal(one) for one in proposals.of_case(case)],
    }


def _identifier(one: CaseIdentifier) -> Values:
    return {
        "id": one.public_id,
        "sealed": one.sealed,
        "kind": "" if one.sealed else one.kind,
        "platform": "" if one.sealed else one.platform,
        "canonical": one.copy,
        "strength": one.strength,
        "role": one.role,
        "role_by": one.role_by,
        "tips": one.tips,
        "finding": one.is_finding,
        "bystander": one.listed,
    }


def tip(line: TipLine) -> Values:
    """A tip of a case, and why it is there. Not its text."""
    return {
        "id": line.tip.public_id,
        "state": line.tip.state,
        "source": line.tip.source,
        "language": line.tip.language,
        "danger": line.tip.danger,
        "received_at": _time(line.tip.received_at),
        "joined_at": _time(line.at),
        "because": [one.public_id for one in line.because],
        "why": "; ".join(line.why),
    }


def event(line: EventLine) -> Values:
    """A line of the timeline, in words and as codes."""
    return {
        "at": _time(line.at),
        "kind": line.kind,
        "sentence": line.sentence,
        "by": line.actor,
        "facts": line.facts,
    }


def change(one: Change) -> Values:
    """What was done to the partition of tips into cases."""
    return {
        "id": one.public_id,
        "kind": one.kind,
        "case": one.case.number,
        "other": one.other.number if one.other else None,
        "at": _time(one.at),
        "undone_at": _time(one.undone_at),
    }


def change_line(line: changes.Line) -> Values:
    """The same as a page lists it: in words, and whether it can be undone."""
    return change(line.change) | {
        "sentence": line.sentence,
        "may_undo": line.may_undo,
        "why_not": line.why_not,
    }


def proposal(one: MergeProposal) -> Values:
    """A merge that waits for people: `draft` is software's."""
    return {
        "id": one.public_id,
        "state": one.state,
        "one": one.one.number,
        "other": one.other.number,
        "because": list(one.because),
        "made_at": _time(one.made_at),
    }


def flag(one: Flag) -> Values:
    """A question that waits for a person."""
    return {"id": one.public_id, "kind": one.kind, "about": one.about, "at": _time(one.at)}


def done(result: Change | MergeProposal | list[Change]) -> Values:
    """What an act gave: changes, or a proposal where four eyes are needed."""
    proposed = isinstance(result, MergeProposal)
    made = [] if isinstance(result, MergeProposal) else result if isinstance(result, list) else [result]
    return {
        "proposed": proposed,
        "proposal": proposal(result) if isinstance(result, MergeProposal) else None,
        "changes": [change(one) for one in made],
    }


def timeline(case: Case) -> list[EventLine]:
    """The events of a case, newest first."""
    return queries.timeline(case)


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def listed(user: User, lane: str = "", state: str = "", q: str = "") -> Any:
    """The queue that `user` may read, ready to be sliced."""
    return queries.queue(user, lane or None, state or None, q.replace("\x00", "") or None)
