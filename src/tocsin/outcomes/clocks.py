"""A case's clock, computed anew from the rows of the rooms below: running it twice changes nothing.

received -> opened -> assessed -> approved -> sent -> acknowledged -> all accounts gone -> arrested.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from tocsin.cases import events
from tocsin.cases.models import Case
from tocsin.dispatch.models import DispatchItem, DispatchKind
from tocsin.dispatch.replies import GONE, ItemAnswer
from tocsin.lib.ask import ask, time_of
from tocsin.lib.rows import insert, new, update
from tocsin.lib.writing import write
from tocsin.outcomes.models import CaseClock

STEPS = ("received", "opened", "assessed", "approved", "sent", "acknowledged", "all_gone", "arrested")
BEGUN = ("received", "opened", "assessed")
DISPATCHED = ("approved", "sent", "acknowledged", "arrested")
NOTHING = (None, None, None, None)  # of these, where nothing was dispatched
ON_THE_WAY = ("approved", "queued", "failed")  # a notice that nobody has: its accounts are not gone
KEPT = (*STEPS, "events_seen", "updated_at")
Times = dict[str, datetime | None]
_BEGUN = """SELECT id, first_received_at, seen_at,
    (SELECT MIN(at) FROM review_assessment a WHERE a.case_id = c.id) FROM cases_case c WHERE id {among}"""
_SENT = """SELECT case_id, MIN(approved_at), MIN(sent_at), MIN(acknowledged_at), MIN(arrested_at)
    FROM dispatch_dispatch WHERE case_id {among} GROUP BY case_id"""
_EVENTS = "SELECT case_id, COUNT(*) FROM cases_caseevent WHERE case_id {among} GROUP BY case_id"


def compute(cases: Sequence[Case]) -> dict[int, Times]:
    """case id -> time of each of `STEPS` (None where it has not happened). Two queries where nothing was dispatched."""
    ids = [case.pk for case in cases]
    begun = {pk: tuple(map(_time, times)) for pk, *times in ask(_BEGUN, ids)}
    sent = {pk: tuple(map(_time, times)) for pk, *times in ask(_SENT, ids)}
    gone = _all_gone(list(sent)) if sent else {}
    return {
        pk: dict.fromkeys(STEPS)
        | dict(zip(BEGUN, begun[pk], strict=True))
        | dict(zip(DISPATCHED, sent.get(pk, NOTHING), strict=True))
        | {"all_gone": gone.get(pk)}
        for pk in ids
    }


def _time(value: Any) -> datetime | None:
    return None if value is None else time_of(value)


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
        seen, times = events_of(case.pk for case in cases), compute(cases)
        clocks = {clock.case_id: clock for clock in CaseClock.objects.filter(case__in=[*seen])}
        fresh = [case for case in cases if case.pk not in clocks]
        clocks |= {case.pk: new(CaseClock, case_id=case.pk) for case in fresh}
        changed = [case for case in cases if _set(case, clocks[case.pk], times[case.pk], seen[case.pk])]
        insert([clocks[case.pk] for case in fresh])
        update([clock for clock in clocks.values() if clock.pk is not None], KEPT)
    return len({case.pk for case in [*fresh, *changed]})


def events_of(case_ids: Iterable[int]) -> dict[int, int]:
    """case id -> how many lines its timeline has. One query."""
    ids = list(case_ids)
    return dict.fromkeys(ids, 0) | dict(ask(_EVENTS, ids))


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
