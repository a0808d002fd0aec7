"""A case's clock, computed anew from the rows of the rooms below: running it twice changes nothing.

received -> opened -> assessed -> approved -> sent -> acknowledged -> all accounts gone -> arrested.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone

from tocsin.cases import events
from tocsin.cases.models import Case, CaseEvent
from tocsin.dispatch.models import DispatchItem, DispatchKind
from tocsin.dispatch.replies import GONE, ItemAnswer
from tocsin.lib.writing import write
from tocsin.outcomes.models import CaseClock

STEPS = ("received", "opened", "assessed", "approved", "sent", "acknowledged", "all_gone", "arrested")
ON_THE_WAY = ("approved", "queued", "failed")  # a notice that nobody has: its accounts are not gone
Times = dict[str, datetime | None]


def compute(cases: Sequence[Case]) -> dict[int, Times]:
    """case id -> time of each of `STEPS` (None where it has not happened)."""
    ids = [case.pk for case in cases]
    rows = Case.objects.filter(pk__in=ids).order_by()
    tips = dict(rows.annotate(t=Min("case_tips__tip__received_at")).values_list("pk", "t"))
    assessed = dict(rows.annotate(t=Min("assessments__at")).values_list("pk", "t"))
    sent = {
        row["pk"]: row
        for row in rows.annotate(
            approved=Min("dispatches__approved_at"),
            sent=Min("dispatches__sent_at"),
            acknowledged=Min("dispatches__acknowledged_at"),
            arrested=Min("dispatches__arrested_at"),
        ).values("pk", "approved", "sent", "acknowledged", "arrested")
    }
    gone = _all_gone(ids)
    return {
        case.pk: {
            "received": tips[case.pk] or case.first_received_at,
            "opened": case.seen_at,
            "assessed": assessed[case.pk],
            "all_gone": gone.get(case.pk),
            **{name: sent[case.pk][name] for name in ("approved", "sent", "acknowledged", "arrested")},
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
            changed += _store(case, clocks.get(case.pk), times[case.pk], seen.get(case.pk, 0))
    return changed


def _events_of(cases: Sequence[Case]) -> dict[int, int]:
    rows = CaseEvent.objects.filter(case__in=cases).order_by().values("case_id").annotate(n=Count("pk"))
    return {row["case_id"]: row["n"] for row in rows}


def _store(case: Case, before: CaseClock | None, times: Times, seen: int) -> bool:
    clock = before or CaseClock(case=case)
    changed = before is None or any(getattr(clock, name) != at for name, at in times.items())
    if times["all_gone"] and clock.all_gone is None:
        events.add(case, "all_gone", "worker", at=times["all_gone"])
        seen += 1  # our own line
    for name, at in times.items():
        setattr(clock, name, at)
    clock.events_seen, clock.updated_at = seen, timezone.now()
    clock.save()
    return changed
