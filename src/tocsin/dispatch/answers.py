"""What recipients posted: opened, applied to the dispatch and its items, told to the case, never lost.

Last answer wins; every answer stays in the timeline. An answer to a link that answers nothing any more is kept
and marked, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone as clock

from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.directory.models import RecipientKind
from tocsin.dispatch import holds, pages
from tocsin.dispatch.models import Answer, AnswerRead, Dispatch, DispatchItem, DispatchKind, Plan
from tocsin.dispatch.replies import DECIDED, GONE, RELEASING, ItemAnswer, ReferralAnswer
from tocsin.identifiers.extract.outward import display
from tocsin.lib import sealing, steps
from tocsin.lib.writing import write

STEP = "dispatch.answers"
REACHED = (
    "queued",
    "sent",
    "delivered",
    "failed",
    "acknowledged",
    "acted",
    "refused",
)  # a link may have arrived
AWAITED = ("proposed", "approved", *REACHED[:-1])  # police that may still answer "go ahead"


def answers(limit: int) -> int:
    """Work on at most `limit` answers, oldest first; returns how many. Safe to run twice."""
    unread = Answer.objects.filter(answerread__isnull=True)
    done = steps.work(STEP, steps.pending(STEP, unread, limit), _batch)
    steps.tidy(STEP, unread, Answer.objects.all(), "received_at")
    if holds.out_of_step():  # a new tip or case touches what is held
        holds.mark_cases()
    return done


def _batch(rows: Sequence[Answer]) -> None:
    opened = [(row, sealing.unseal_json(row.sealed)) for row in rows]
    with write():
        for row, said in opened:
            _take(row, said)


def _take(row: Answer, said: dict[str, Any]) -> None:
    dispatch = Dispatch.objects.select_for_update(of=("self",)).filter(mailbox_tag=row.tag).first()
    if dispatch is None:
        result = "unknown"
    elif dispatch.state not in REACHED:
        result = "withdrawn" if dispatch.state == "withdrawn" else "too_early"
    elif dispatch.kind == DispatchKind.NOTICE:
        result = _notice(dispatch, row.received_at, said)
    else:
        result = _referral(dispatch, row.received_at, said)
    AnswerRead.objects.create(answer=row, dispatch=dispatch, result=result, at=clock.now())
    if dispatch is not None:
        record("worker", "dispatch.answered", dispatch.audit_name, result=result)
        pages.write_copy(dispatch)


# --- notices -------------------------------------------------------------------------------------------------


def _notice(dispatch: Dispatch, at: datetime, said: dict[str, Any]) -> str:
    """Apply a provider's answer an item; returns the one code, or "several"."""
    told = {
        key: value for key, value in said.get("items", {}).items() if value["answer"] in ItemAnswer.values
    }
    items = list(dispatch.items.all())
    changed = [_answer_item(item, told[item.public_id], at) for item in items if item.public_id in told]
    DispatchItem.objects.bulk_update(changed, ["answer", "answered_at", "reason_sealed"])
    codes = {item.answer for item in changed}
    result = codes.pop() if len(codes) == 1 else ("several" if codes else "words")
    dispatch.state, dispatch.acted_at = _state_of(items)
    dispatch.last_answer = result
    _acknowledge(dispatch, at)
    gone = sum(item.answer in GONE for item in items)
    _tell(dispatch, result, at, said, changed=len(changed), gone=gone, items=len(items))
    return result


def _answer_item(item: DispatchItem, told: dict[str, str], at: datetime) -> DispatchItem:
    if (
        item.answer not in GONE or told["answer"] not in GONE
    ):  # gone stays gone since the first time it was said
        item.answered_at = at
    item.answer = told["answer"]
    words = told.get("reason", "")
    item.reason_sealed = sealing.seal(words) if words else None
    return item


def _state_of(items: Sequence[DispatchItem]) -> tuple[str, datetime | None]:
    """The dispatch's state, and when it became "acted": all items decided, at least one of them gone."""
    if not all(item.answer in DECIDED for item in items):
        return "acknowledged", None
    times = [item.answered_at for item in items if item.answer in GONE and item.answered_at]
    return ("acted", max(times)) if times else ("refused", None)


# --- referrals -----------------------------------------------------------------------------------------------


def _referral(dispatch: Dispatch, at: datetime, said: dict[str, Any]) -> str:
    """Apply the answer of police (or of another authority) about the referral as a whole."""
    code = str(said.get("answer", ""))
    if code not in ReferralAnswer.values or not _may_say(dispatch, code):
        return "unreadable"
    ids = _chosen(dispatch, said)
    if code == ReferralAnswer.HOLD:
        holds.set_from_page(dispatch, end_of_day(date.fromisoformat(said["until"])), ids, at)
    elif code == ReferralAnswer.GO_AHEAD:
        holds.lift_from_page(dispatch, ids, at)
    dispatch.state = _referral_state(dispatch, code)
    if code == ReferralAnswer.ARRESTED:
        dispatch.arrested_at = dispatch.arrested_at or at
        dispatch.acted_at = dispatch.acted_at or at
    dispatch.last_answer = code
    _acknowledge(dispatch, at)
    _tell(dispatch, code, at, said)
    if code in RELEASING:
        _release_plan(dispatch.plan, code, at)
    return code


def _may_say(dispatch: Dispatch, code: str) -> bool:
    only_police = code in (ReferralAnswer.HOLD, ReferralAnswer.GO_AHEAD, ReferralAnswer.ARRESTED)
    return not only_police or dispatch.recipient.kind == RecipientKind.POLICE


def _chosen(dispatch: Dispatch, said: dict[str, Any]) -> list[int]:
    rows = dispatch.items.all()
    if said.get("about"):
        rows = rows.filter(public_id__in=said["about"])
    return list(rows.values_list("identifier_id", flat=True))


def _referral_state(dispatch: Dispatch, code: str) -> str:
    if dispatch.arrested_at or code == ReferralAnswer.ARRESTED:
        return "acted"
    return "refused" if code in (ReferralAnswer.NOT_OURS, ReferralAnswer.NO_ACTION) else "acknowledged"


def _release_plan(plan: Plan, code: str, at: datetime) -> None:
    """Notices may leave once every police force of the plan that was asked has said so."""
    if plan.released_at:
        return
    police = plan.dispatches.filter(
        kind=DispatchKind.REFERRAL, recipient__kind=RecipientKind.POLICE, state__in=AWAITED
    ).exclude(last_answer__in=RELEASING)
    if police.exists():
        return
    plan.released_at, plan.released_why = at, f"police_{code}"
    plan.save(update_fields=["released_at", "released_why"])
    events.add(plan.case, "plan_released", "worker", at=at, why=plan.released_why)
    record("worker", "plan.released", f"plan:{plan.public_id}", why=plan.released_why)


# --- both ----------------------------------------------------------------------------------------------------


def _acknowledge(dispatch: Dispatch, at: datetime) -> None:
    dispatch.acknowledged_at = dispatch.acknowledged_at or at
    fields = ["state", "acknowledged_at", "acted_at", "arrested_at", "last_answer"]
    dispatch.save(update_fields=fields)


def _tell(dispatch: Dispatch, code: str, at: datetime, said: dict[str, Any], **numbers: int) -> None:
    """One line in the case's timeline: codes and numbers; the recipient's own words stay sealed in the answer."""
    words = bool(said.get("text")) or any(item.get("reason") for item in said.get("items", {}).values())
    events.add(
        dispatch.case,
        "answered",
        f"recipient:{dispatch.recipient.public_id}",
        at=at,
        dispatch=dispatch.public_id,
        answer=code,
        words=words,
        **numbers,
    )


def end_of_day(day: date) -> datetime:
    """The moment at which this day has ended everywhere on Earth (12:00 UTC of the next): a hold never ends early."""
    return datetime.combine(day + timedelta(days=1), time(12), tzinfo=UTC)


def reasons_of(dispatch: Dispatch) -> list[tuple[str, str, str]]:
    """(inert identifier, answer code, the recipient's words) for each item that has words (console only)."""
    rows = dispatch.items.filter(reason_sealed__isnull=False).select_related("identifier").order_by("pk")
    return [
        (
            display(row.identifier.kind, row.identifier.platform, row.identifier.canonical),
            row.answer,
            sealing.unseal(row.reason_sealed),
        )
        for row in rows
    ]


def words_of(dispatch: Dispatch) -> list[tuple[datetime, str]]:
    """The free texts that this recipient sent, oldest first (console only): opened, never stored in plain."""
    rows = Answer.objects.filter(answerread__dispatch=dispatch).order_by("received_at", "pk")
    opened = ((row.received_at, sealing.unseal_json(row.sealed).get("text", "")) for row in rows)
    return [(at, text) for at, text in opened if text]
