"""What was approved leaves, once nothing binds it: into the outbox, exactly as approved; and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes
from email.policy import SMTP
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import CaseState, Lane
from tocsin.cases.states import set_state
from tocsin.dispatch import failures, holds, pages
from tocsin.dispatch.guard import still_reported
from tocsin.dispatch.models import Dispatch, DispatchKind, Order, Plan
from tocsin.dispatch.release_reasons import REASONS
from tocsin.dispatch.suggest import OVER
from tocsin.dispatch.timeline import tell
from tocsin.lib import steps
from tocsin.lib.ask import ask
from tocsin.lib.writing import write
from tocsin.post import outbox
from tocsin.post.models import MessageState

RELEASE, FOLLOW = "dispatch.release", "dispatch.follow"
# spelt as in the index dispatches_to_follow; `follow` says the same
_FOLLOWED = """SELECT d.id FROM dispatch_dispatch d JOIN post_message m ON m.id = d.message_id
    WHERE d.message_id IS NOT NULL AND d.sent_at IS NULL
    AND (m.state = 'sent' OR (m.state = 'failed' AND d.state = 'queued')) ORDER BY d.id LIMIT 1"""
FIRST_STATES = (CaseState.OPEN, CaseState.ASSESSED, CaseState.REOPENED)


def ready() -> QuerySet[Dispatch]:
    """Approved dispatches that police first does not hold back (holds are asked for each one).

    A notice waits for its own plan and for every other "police first" plan of its case that asked police and
    was not released: telling a platform early would tip somebody off whichever plan it came from.
    """
    asked = Dispatch.objects.filter(plan=OuterRef("pk"), kind=DispatchKind.REFERRAL)
    asked = asked.exclude(state__in=("draft", *OVER))
    waiting = Plan.objects.filter(case=OuterRef("case"), order=Order.POLICE_FIRST, released_at__isnull=True)
    waiting = waiting.filter(Exists(asked) | Q(pk=OuterRef("plan")))
    return Dispatch.objects.filter(state="approved").filter(Q(kind=DispatchKind.REFERRAL) | ~Exists(waiting))


def release(limit: int) -> int:
    """Step: queue what may leave, immediate cases and referrals first. Returns how many were settled."""
    statement, values = _first_ready(connection.vendor)
    if not ask(statement, *values):
        return 0
    rows = _free().exclude(pk__in=steps.waiting(RELEASE)).select_related("case", "recipient", "route", "plan")
    return steps.work(
        RELEASE, list(rows.order_by("case__lane_rank", "-kind", "approved_at")[:limit]), _queue_all
    )


def _free() -> QuerySet[Dispatch]:
    return ready().exclude(pk__in=holds.bound_notices())


@lru_cache(maxsize=2)
def _first_ready(_vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Whether anything may leave, as a statement: Django takes longer to write it than the database to answer."""
    statement, values = _free().order_by().values_list("pk", flat=True)[:1].query.sql_with_params()
    return statement, tuple(values)


def _queue_all(rows: Sequence[Dispatch]) -> None:
    with write():
        for row in rows:
            _queue(row)


def _queue(dispatch: Dispatch) -> None:
    """Queue one dispatch, if it is still approved, free, and exactly what was approved."""
    row = Dispatch.objects.select_for_update(of=("self",)).get(pk=dispatch.pk)
    if not ready().filter(pk=row.pk).exists() or holds.binds(row):
        return
    content = row.content()
    wrong = _wrong(row, content)
    if wrong:
        _fail(row, wrong)
        return
    assert row.route is not None  # noqa: S101 - `_wrong` refuses a missing route; tells the type checker
    urgent = row.case.lane == Lane.IMMEDIATE
    row.message = outbox.queue(f"dispatch:{row.public_id}", row.route.address, content, urgent)
    row.state, row.queued_at = "queued", timezone.now()
    row.save(update_fields=["message", "state", "queued_at"])
    pages.write_copy(row)
    tell(row, "queued", "worker")
    record("worker", "dispatch.queued", row.audit_name, digest=row.approved_digest)


def _wrong(row: Dispatch, content: bytes) -> str:
    """The code of what changed since the approval, or an empty text."""
    if not content or row.content_digest() != row.approved_digest or row.digest != row.approved_digest:
        return failures.CONTENT_CHANGED
    to = message_from_bytes(content, policy=SMTP)["To"].addresses
    route = row.route
    if route is None or route.confirmed_at is None or [one.addr_spec for one in to] != [route.address]:
        return failures.ROUTE_CHANGED
    return "" if still_reported(row) else failures.NOT_REPORTED


def _fail(row: Dispatch, code: str) -> None:
    row.state, row.failure = "failed", code
    row.save(update_fields=["state", "failure"])
    tell(row, "failed", "worker", why=code)
    record("worker", "dispatch.failed", row.audit_name, why=code)


def follow(limit: int) -> int:
    """Step: what the outbox did is written to its dispatch; the first that leaves makes the case dispatched."""
    if not ask(_FOLLOWED):
        return 0
    rows = Dispatch.objects.filter(message__isnull=False, sent_at__isnull=True)
    done = Q(message__state=MessageState.SENT) | Q(message__state=MessageState.FAILED, state="queued")
    return steps.work(FOLLOW, steps.pending(FOLLOW, rows.filter(done), limit), _follow_all)


def _follow_all(rows: Sequence[Dispatch]) -> None:
    with write():
        for row in rows:
            _follow(Dispatch.objects.select_for_update(of=("self",)).get(pk=row.pk))


def _follow(row: Dispatch) -> None:
    if row.message is None or row.sent_at:
        return
    if row.message.state == MessageState.FAILED:
        _fail(row, failures.NOT_DELIVERED)
        return
    row.sent_at = row.message.sent_at
    if row.state == "queued":  # an answer may be faster than we are
        row.state = "sent"
    row.save(update_fields=["sent_at", "state"])
    tell(row, "sent", "worker", at=row.sent_at)
    record("worker", "dispatch.sent", row.audit_name)
    if row.case.state in FIRST_STATES:
        set_state(row.case, CaseState.DISPATCHED, "worker")
    pages.write_copy(row)


def release_plan(plan: Plan, user: User, why: str) -> Plan:
    """A person lets the notices of a "police first" plan leave without the answer of police.

    `why` is a code of `REASONS` and is recorded. Holds go on binding. Raises `NotAllowed` with a sentence.
    """
    if not policy.allowed(user, "dispatch.release"):
        raise NotAllowed(_("You may not release notices: ask a reviewer or a coordinator."))
    if why not in REASONS:
        raise NotAllowed(_("Say why the notices leave without an answer of police."))
    with write():
        row = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        if row.released_at or row.order != Order.POLICE_FIRST:
            raise NotAllowed(_("There is nothing to release: these notices do not wait for police."))
        row.released_at, row.released_by, row.released_why = timezone.now(), user, why
        row.save(update_fields=["released_at", "released_by", "released_why"])
        events.add(row.case, "plan_released", user.actor, plan=row.public_id, why=why)
        record(user.actor, "plan.released", f"plan:{row.public_id}", why=why)
    return row
