"""A case's clock, computed anew from the rows of the rooms below: running it twice changes nothing.

received -> opened -> assessed -> approved -> sent -> acknowledged -> all accounts gone -> arrested.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone

from tocsin.cases import events
from tocsin.cases.models import Case, CaseEvent
from tocsin.dispatch.models import Dispatch, DispatchItem, DispatchKind
from tocsin.dispatch.replies import GONE, ItemAnswer
from tocsin.lib.rows import insert, new, update
from tocsin.lib.writing import write
from tocsin.outcomes.models import CaseClock

STEPS = ("received", "opened", "assessed", "approved", "sent", "acknowledged", "all_gone", "arrested")
DISPATCHED = ("approved", "sent", "acknowledged", "arrested")
ON_THE_WAY = ("approved", "queued", "failed")  # a notice that nobody has: its accounts are not gone
KEPT = (*STEPS, "events_seen", "updated_at")
Times = dict[str, datetime | None]


def compute(cases: Sequence[Case]) -> dict[int, Times]:
    """case id -> time of each of `STEPS` (None where it has not happened). Two queries where nothing was dispatched."""
    ids = [case.pk for case in cases]
    rows = Case.objects.filter(pk__in=ids).order_by().annotate(assessed=Min("assessments__at"))
    begun = {pk: times for pk, *times in rows.values_list("pk", "first_received_at", "assessed")}
    sent: dict[int, Any] = {
        row["case_id"]: row
        for row in Dispatch.objects.filter(case__in=ids)
        .order_by()
        .values("case_id")
        .annotate(
            approved=Min("approved_at"),
            sent=Min("sent_at"),
            acknowledged=Min("acknowledged_at"),
            arrested=Min("arrested_at"),
        )
    }
    gone = _all_gone(list(sent)) if sent else {}
    return {
        case.pk: {
            "received": begun[case.pk][0],
            "opened": case.seen_at,
            "assessed": begun[case.pk][1],
            "all_gone": gone.get(case.pk),
            **{name: sent[case.pk][name] if case.pk in sent else None for name in DISPATCHED},
        }
        for case in cases
    }


def _all_gone(case_ids: Sequence[int]) -> dict[int, datetime]:
    """case id -> when the last account was gone; a case with anything left is not there.

    Counts every item of every notice that left, or is about to, and was not withdrawn. An item that one recipient
    called "wrong recipient" is gone if another recipient says so.
    """
    items = DispatchItem.objects.filter(dispatch__case_id__in=case_ids, dispatch__kind=DispatchKind.NOTICE)
    items = items.exclude(dispatch__state__in=("draft", "proposed", "rejected", "withdrawn"))
    rows = items.values_list("dispatch__case_id", "identifier_id", "answer", "answered_at", "dispatch__state")
    by_case: dict[int, list[tuple[int, str, datetime | None, str]]] = defaultdict(list)
    for case_id, identifier, answer, at, state in rows:
        by_case[case_id].append((identifier, answer, at, state))
    found = {case_id: _last(answers) for case_id, answers in by_case.items()}
    return {case_id: last for case_id, last in found.items() if last}


def _last(answers: Iterable[tuple[int, str, datetime | None, str]]) -> datetime | None:
    """The last "gone" of (identifier, answer, when, state of its notice), or None where one is still there."""
    gone: dict[int, datetime] = {}
    there: set[int] = set()
    elsewhere: set[int] = set()
    for identifier, answer, at, state in answers:
        if answer in GONE and at:
            gone[identifier] = max(at, gone.get(identifier, at))
        elif answer == ItemAnswer.WRONG_RECIPIENT and state not in ON_THE_WAY:
            elsewhere.add(identifier)
        else:
            there.add(identifier)
    return None if there or elsewhere - gone.keys() else max(gone.values(), default=None)


def refresh(cases: Sequence[Case]) -> int:
    """Bring the clocks of these cases up to date in one transaction; returns how many changed."""
    with write():  # reading inside: what is read is what the number of events says
        seen = _events_of(cases)
        times = compute(cases)
        clocks = {clock.case_id: clock for clock in CaseClock.objects.filter(case__in=cases)}
        changed = 0
        for case in cases:
            clock = clocks.get(case.pk) or new(CaseClock, case_id=case.pk)
            changed += _set(case, clock, times[case.pk], seen.get(case.pk, 0)) or case.pk not in clocks
            clocks[case.pk] = clock
        insert([clock for clock in clocks.values() if clock.pk is None])
        update([clock for clock in clocks.values() if clock.pk is not None], KEPT)
    return changed


def _events_of(cases: Sequence[Case]) -> dict[int, int]:
    rows = CaseEvent.objects.filter(case__in=cases).order_by().values("case_id").annotate(n=Count("pk"))
    return {row["case_id"]: row["n"] for row in rows}


def _set(case: Case, clock: CaseClock, times: Times, seen: int) -> bool:
    """Write the times into the clock. Returns whether one changed."""
    changed = any(getattr(clock, name) != at for name, at in times.items())
    if times["all_gone"] and clock.all_gone is None:
        events.add(case, "all_gone", "worker", at=times["all_gone"])
        seen += 1  # our own line
    for name, at in times.items():
        setattr(clock, name, at)
    clock.events_seen, clock.updated_at = seen, timezone.now()
    return changed
