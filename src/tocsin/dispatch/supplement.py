"""Supplements: what became known after a case was dispatched. Software drafts them, for new identifiers only.

Only what a person marked as reported since the last plan, and what no plan of a person named yet; never what is a
child's or a reporter's in any tip. It goes to those who host it, and to the police that were told before. A person
takes a draft up (and proposes it), another one approves: nothing leaves by itself. While a hold binds the case
only police hear of more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, CaseEvent, CaseState, Finding
from tocsin.directory.models import RecipientKind
from tocsin.dispatch import holds, propose
from tocsin.dispatch.models import Dispatch, DispatchItem, DispatchKind, Order, Plan, SupplementLook
from tocsin.dispatch.plan import write_draft
from tocsin.dispatch.replies import ReferralAnswer
from tocsin.dispatch.suggest import OVER, Line, reported, sealed_keys, suggest_for
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.lib import steps
from tocsin.lib.ask import ask
from tocsin.lib.writing import write
from tocsin.tips.models import Mention

STEP = "dispatch.supplements"
# lines of a timeline after which a supplement may be due, or due no more
WAKES = (
    "role", "finding", "merged", "split_off", "split_from", "moved_in", "moved_out", "undone", "read_again", "state",
    "plan_made", "dispatch_sent", "hold_set", "hold_lifted", "hold_confirmed",
)  # fmt: skip
_LAST = "SELECT COALESCE(MAX(id), 0) FROM cases_caseevent"
_WOKEN = """SELECT e.id FROM cases_caseevent e WHERE e.id > %s AND e.id <= %s AND e.kind {among} AND EXISTS(
    SELECT 1 FROM dispatch_dispatch d WHERE d.case_id = e.case_id AND d.sent_at IS NOT NULL) LIMIT 1"""
OUT_OF_REACH = (CaseState.CLOSED, CaseState.MERGED)
Wanted = dict[tuple[int, str], Line]  # by recipient and kind


# --- the step ------------------------------------------------------------------------------------------------


def supplements(limit: int) -> int:
    """Step: look at dispatched cases in which something happened; returns how many. Safe to run twice."""
    since = steps.follows_from(STEP)
    ((last,),) = ask(_LAST)
    if since is not None and not ask(_WOKEN, since, last, WAKES):
        steps.followed(STEP, last)
        return 0
    fresh = _unseen().filter(pk__gt=steps.low_water(STEP) if since is None else since)
    fresh = fresh.exclude(case__in=steps.waiting(STEP))
    ids = list(fresh.order_by().values_list("case_id", flat=True).distinct()[:limit])
    done = steps.work(STEP, list(Case.objects.filter(pk__in=ids).order_by("pk")), _batch) if ids else 0
    if len(ids) < limit:
        steps.followed(STEP, last)
    steps.tidy(STEP, _unseen(), CaseEvent.objects.all(), "at")
    return done


def _unseen() -> QuerySet[CaseEvent]:
    """Lines of dispatched cases that have another number of them than when they were last looked at."""
    sent = Dispatch.objects.filter(case=OuterRef("case"), sent_at__isnull=False)
    count = (
        CaseEvent.objects.filter(case=OuterRef("case"), kind__in=WAKES)
        .order_by()
        .values("case")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = CaseEvent.objects.filter(Exists(sent), kind__in=WAKES)
    return rows.annotate(n=Coalesce(Subquery(count), 0)).filter(
        Q(case__supplement_look__isnull=True) | ~Q(case__supplement_look__events_seen=F("n"))
    )


def _batch(cases: Sequence[Case]) -> None:
    with write():
        for case in (
            Case.objects.select_for_update().filter(pk__in=[case.pk for case in cases]).order_by("pk")
        ):
            draft(case)
            seen = CaseEvent.objects.filter(case=case, kind__in=WAKES).count()
            SupplementLook.objects.update_or_create(
                case=case, defaults={"events_seen": seen, "at": timezone.now()}
            )


# --- what is new ---------------------------------------------------------------------------------------------


def basis(case: Case) -> Plan | None:
    """The latest plan by a person of which something was sent: what a supplement adds to."""
    sent = Dispatch.objects.filter(plan=OuterRef("pk"), sent_at__isnull=False)
    plans = Plan.objects.filter(Exists(sent), case=case, made_by__isnull=False, supplement_to__isnull=True)
    return plans.order_by("-made_at", "-pk").first()


def new_identifiers(case: Case) -> list[Identifier]:
    """What a person marked as reported since the last plan by a person, and that none of them named.

    What was there before and was not ticked in the plan was left out on purpose.
    """
    by_people = Plan.objects.filter(case=case, made_by__isnull=False, supplement_to__isnull=True)
    since = by_people.aggregate(t=Max("made_at"))["t"]
    if since is None:
        return []
    named = set(
        DispatchItem.objects.filter(dispatch__plan__in=by_people).values_list("identifier_id", flat=True)
    )
    times, protected = _marked(case), sealed_keys(case)
    return [
        row
        for row in reported(case)
        if row.pk not in named and row.key not in protected and row.pk in times and times[row.pk] > since
    ]


def _marked(case: Case) -> dict[int, datetime]:
    """When a person last marked each identifier as reported."""
    said = {"role": MentionRole.REPORTED, "role_set_at__isnull": False, "identifier__isnull": False}
    times: dict[int, datetime] = {}
    mentions = Mention.objects.filter(tip__case_tip__case=case, **said).order_by()
    for rows in (mentions, Finding.objects.filter(case=case, **said).order_by()):
        for pk, at in rows.values_list("identifier_id").annotate(t=Max("role_set_at")):
            times[pk] = max(at, times.get(pk, at))
    return times


def _lines(case: Case, own: Plan | None) -> list[Line]:
    """Who hears of what is new: its hosts, unless a hold binds the case, and the police that were told before."""
    rows = new_identifiers(case) if case.state not in OUT_OF_REACH else []
    if not rows:
        return []
    items = DispatchItem.objects.filter(dispatch__case=case)
    drafts = Q(dispatch__plan__made_by__isnull=True, dispatch__plan__supplement_to__isnull=True)
    items = items.exclude(drafts).exclude(dispatch__plan=own) if own else items.exclude(drafts)
    told = set(items.values_list("dispatch__recipient_id", "identifier_id"))
    lines = [] if holds.case_held(case) else [one for one in suggest_for(case, rows) if one.recipient]
    lines = [line for line in lines if line.kind == DispatchKind.NOTICE] + _referrals(case, rows)
    return [new for line in lines if (new := _untold(line, told)).identifiers]


def _untold(line: Line, told: set[tuple[int, int]]) -> Line:
    assert line.recipient is not None  # noqa: S101 - filtered by the caller; tells the type checker
    rows = [row for row in line.identifiers if (line.recipient.pk, row.pk) not in told]
    return Line(line.recipient, line.kind, rows, line.reason)


def _referrals(case: Case, rows: Sequence[Identifier]) -> list[Line]:
    """Those who got a referral of this case hear of more, unless they said that it is not theirs."""
    before = _told_before(case).filter(kind=DispatchKind.REFERRAL)
    before = before.exclude(last_answer=ReferralAnswer.NOT_OURS)
    who = {row.recipient_id: row.recipient for row in before.select_related("recipient").order_by("pk")}
    return [Line(one, DispatchKind.REFERRAL, rows, _("Was told of this case.")) for one in who.values()]


def _told_before(case: Case) -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(case=case).exclude(state__in=("draft", *OVER))


# --- the draft -----------------------------------------------------------------------------------------------


def of_case(case: Case) -> Plan | None:
    """The draft that waits for a person."""
    return _drafts(case).first()


def _drafts(case: Case) -> QuerySet[Plan]:
    """One, or two after cases were merged: the next look leaves one."""
    return Plan.objects.filter(case=case, made_by__isnull=True, supplement_to__isnull=False).order_by("pk")


def draft(case: Case) -> Plan | None:
    """Bring the case's draft up to date: made, grown, shrunk, or taken away. Inside `with write():`, case locked."""
    drafts, base = list(_drafts(case)), basis(case)
    for other in drafts[1:]:
        _take_away(other)
    plan = drafts[0] if drafts else None
    lines = _lines(case, plan) if base else []
    wanted: Wanted = {(line.recipient.pk, line.kind): line for line in lines if line.recipient}
    if plan is None:
        if not wanted or base is None:
            return None
        plan = Plan.objects.create(
            case=case, order=base.order, made_at=timezone.now(), category=base.category, supplement_to=base
        )
    grown = _shrink(plan, wanted) + _grow(plan, wanted)
    if not wanted:
        _take_away(plan)
        return None
    if grown:
        _settle_order(plan, list(wanted.values()))
        notices = sum(kind == DispatchKind.NOTICE for _recipient, kind in wanted)
        facts: dict[str, Any] = {"notices": notices, "referrals": len(wanted) - notices}
        events.add(case, "supplement_drafted", "worker", plan=plan.public_id, **facts)
        record("worker", "supplement.drafted", f"plan:{plan.public_id}", case=case.number, **facts)
    return plan


def _take_away(plan: Plan) -> None:
    for dispatch in plan.dispatches.all():
        dispatch.delete()
    plan.delete()
    record("worker", "supplement.dropped", f"plan:{plan.public_id}", case=plan.case.number)


def _settle_order(plan: Plan, lines: Sequence[Line]) -> None:
    """Police first only where police hear of it: else nobody would ever let the notices go."""
    police = any(line.recipient and line.recipient.kind == RecipientKind.POLICE for line in lines)
    base = plan.supplement_to
    order = base.order if base and police else Order.TOGETHER
    if order != plan.order:
        plan.order = order
        plan.save(update_fields=["order"])


def _shrink(plan: Plan, wanted: Wanted) -> int:
    """Take out what is no longer to be told: the role changed, a hold came, somebody planned it by hand."""
    gone = 0
    for dispatch in plan.dispatches.prefetch_related("items"):
        line = wanted.get((dispatch.recipient_id, dispatch.kind))
        ids = {row.pk for row in line.identifiers} if line else set()
        stale = [item.pk for item in dispatch.items.all() if item.identifier_id not in ids]
        DispatchItem.objects.filter(pk__in=stale).delete()
        gone += len(stale)
        if line is None:
            dispatch.delete()
    return gone


def _grow(plan: Plan, wanted: Wanted) -> int:
    """Add what is new, to the recipient's draft or to a new one."""
    confirmed, added = reported(plan.case), 0
    there = {(row.recipient_id, row.kind): row for row in plan.dispatches.prefetch_related("items")}
    for key, line in wanted.items():
        dispatch = there.get(key)
        if dispatch is None:
            dispatch = write_draft(plan, line, "", confirmed)
            dispatch.supplement_to = (
                _told_before(plan.case).filter(recipient=key[0], kind=key[1]).order_by("pk").last()
            )
            dispatch.save(update_fields=["supplement_to"])
            added += len(line.identifiers)
            continue
        known = {item.identifier_id for item in dispatch.items.all()}
        new = [row for row in line.identifiers if row.pk not in known]
        DispatchItem.objects.bulk_create(
            DispatchItem(
                dispatch=dispatch, identifier=row, role=MentionRole.REPORTED, role_confirmed_by=confirmed[row]
            )
            for row in new
        )
        added += len(new)
    return added


# --- people --------------------------------------------------------------------------------------------------


def take_up(plan: Plan, user: User, chosen: Collection[str] | None = None) -> list[Dispatch]:
    """A person makes the draft a plan of theirs and proposes it; another person approves.

    `chosen`: public ids of the dispatches that are proposed (None: all); the others are dropped and not drafted
    again. Raises `NotAllowed` with a sentence.
    """
    with write():
        case, found = _open(plan)
        rows = list(found.dispatches.all())
        taken = [row for row in rows if chosen is None or row.public_id in chosen]
        if not taken:
            raise NotAllowed(_("Nothing is ticked: choose at least one recipient."))
        _sign(found, case, user, taken)
        _drop([row for row in rows if row not in taken], user)
        return propose.propose(taken, user)


def discard(plan: Plan, user: User) -> None:
    """A person wants no such supplement: what it names is not drafted again; it can be planned by hand."""
    with write():
        case, found = _open(plan)
        _sign(found, case, user, [])
        _drop(list(found.dispatches.all()), user)


def _open(plan: Plan) -> tuple[Case, Plan]:
    """The draft as it is due now, its case locked; refuses where it is gone or the case is closed."""
    case = Case.objects.select_for_update().get(pk=plan.case_id)
    if case.state in OUT_OF_REACH:
        raise NotAllowed(_("This case is closed: reopen it first."))
    found = draft(case)
    if found is None or found.pk != plan.pk:
        raise NotAllowed(_("This supplement is no longer there: look at the case again."))
    return case, found


def _sign(plan: Plan, case: Case, user: User, taken: Sequence[Dispatch]) -> None:
    plan.made_by, plan.made_at = user, timezone.now()
    plan.save(update_fields=["made_by", "made_at"])
    notices = sum(row.kind == DispatchKind.NOTICE for row in taken)
    facts: dict[str, Any] = {"notices": notices, "referrals": len(taken) - notices}
    kind = "supplement_planned" if taken else "supplement_discarded"
    events.add(case, kind, user.actor, plan=plan.public_id, **facts)
    record(user.actor, kind.replace("_", "."), f"plan:{plan.public_id}", case=case.number, **facts)


def _drop(rows: Sequence[Dispatch], user: User) -> None:
    """What a person does not want told: it stays as a dispatch that was not approved."""
    for row in rows:
        row.state = "rejected"
        row.save(update_fields=["state"])
        record(user.actor, "dispatch.dropped", row.audit_name)
