"""Holds: police ask for silence about identifiers, and everything that touches them stays silent (design 5.4).

A hold binds from its first moment until somebody lifts it. When its clock ends nothing leaves by itself: it goes
on binding, and `expired` gives it to the pages that ask a person, loudly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import allowed
from tocsin.audit.record import record
from tocsin.cases import events, notes
from tocsin.cases.models import Case, CaseState
from tocsin.cases.states import set_state
from tocsin.dispatch.call_back import call_back
from tocsin.dispatch.models import Dispatch, DispatchItem, DispatchKind, Hold, HoldIdentifier
from tocsin.dispatch.pages import write_copy
from tocsin.identifiers.models import Identifier
from tocsin.lib.ask import ask
from tocsin.lib.writing import write

LIFT_REASONS = ("police_by_phone", "expired_and_asked", "child_in_danger", "recorded_by_mistake")
REST_HOLD = timedelta(days=14)  # what police leave out of a partial "go ahead" stays silent, and we ask again
CHUNK = 5000  # below every database's limit of parameters
HOLDABLE = (CaseState.OPEN, CaseState.ASSESSED, CaseState.DISPATCHED, CaseState.REOPENED)


def binding() -> QuerySet[HoldIdentifier]:
    """Everything that binds now: `until` does not matter."""
    return HoldIdentifier.objects.filter(lifted_at__isnull=True, hold__lifted_at__isnull=True)


def bound(identifier_ids: Iterable[int]) -> set[int]:
    """Those of these identifier ids that a hold binds, whatever case they come from."""
    ids, found = list(identifier_ids), set[int]()
    for start in range(0, len(ids), CHUNK):
        rows = binding().filter(identifier_id__in=ids[start : start + CHUNK])
        found.update(rows.values_list("identifier_id", flat=True))
    return found


def binds(dispatch: Dispatch) -> bool:
    """Whether this dispatch must wait: a notice about anything that is held. Referrals tip nobody off."""
    if dispatch.kind != DispatchKind.NOTICE:
        return False
    return binding().filter(identifier_id__in=dispatch.items.values("identifier_id")).exists()


def bound_notices() -> QuerySet[DispatchItem, int]:
    """Ids of the notices that must wait, for a subquery: however many are held, the free ones are found."""
    held = binding().values("identifier_id")
    items = DispatchItem.objects.filter(dispatch__kind=DispatchKind.NOTICE, identifier_id__in=held)
    return items.values_list("dispatch_id", flat=True)


def held_cases() -> QuerySet[Case]:
    """Every case that a held identifier touches: by a tip, a finding or a dispatch."""
    return _touching(binding().values_list("identifier_id", flat=True))


def case_held(case: Case) -> bool:
    """Whether a hold binds this case, also one that was set in another case."""
    return held_cases().filter(pk=case.pk).exists()


def of_case(case: Case) -> list[Hold]:
    """The holds that bind this case, the one that ends first in front."""
    held = binding().order_by().values_list("hold_id", flat=True)
    ids = {
        *held.filter(identifier__mentions__tip__case_tip__case=case),
        *held.filter(identifier__findings__case=case),
        *held.filter(identifier__in=DispatchItem.objects.filter(dispatch__case=case).values("identifier_id")),
    }
    return list(active().filter(pk__in=ids)) if ids and case.state != CaseState.MERGED else []


def active() -> QuerySet[Hold]:
    """All holds that bind, expired ones too, the one that ends first in front."""
    holds = Hold.objects.filter(lifted_at__isnull=True).order_by("until", "pk")
    return holds.select_related("from_dispatch__recipient", "recorded_by", "confirmed_by")


def expired(now: datetime | None = None) -> list[Hold]:
    """Holds whose clock ended and that still bind: a person must decide."""
    return list(active().filter(until__lte=now or timezone.now()))


def cases_of(hold: Hold) -> QuerySet[Case]:
    """The cases that this hold binds."""
    return _touching(
        hold.holdidentifier_set.filter(lifted_at__isnull=True).values_list("identifier_id", flat=True)
    )


def _touching(ids: QuerySet[HoldIdentifier, int]) -> QuerySet[Case]:
    return Case.objects.exclude(state=CaseState.MERGED).filter(
        Q(pk__in=Case.objects.filter(case_tips__tip__mentions__identifier_id__in=ids).values("pk"))
        | Q(pk__in=Case.objects.filter(findings__identifier_id__in=ids).values("pk"))
        | Q(pk__in=Case.objects.filter(dispatches__items__identifier_id__in=ids).values("pk"))
    )


def set_from_page(
    dispatch: Dispatch,
    until: datetime,
    identifier_ids: Sequence[int] | None = None,
    at: datetime | None = None,
) -> Hold:
    """Police ask for silence until `until`, about all items of their referral or only some.

    Asking again about the same items moves the clock of the hold that is there: extended or shortened.
    """
    ids = list(
        dispatch.items.values_list("identifier_id", flat=True) if identifier_ids is None else identifier_ids
    )
    with write():
        hold = dispatch.holds.filter(lifted_at__isnull=True).order_by("-pk").first()
        if hold and set(ids) == set(_live(hold)):
            hold.until = until
            hold.save(update_fields=["until"])
        else:
            _take_over(dispatch, ids, at or timezone.now())
            hold = _new(ids, until, at or timezone.now(), from_dispatch=dispatch)
        _announce(hold, "hold_set", f"recipient:{dispatch.recipient.public_id}", at, until=until.isoformat())
        record(
            "worker", "hold.set", f"hold:{hold.public_id}", dispatch=dispatch.public_id, identifiers=len(ids)
        )
        mark_cases()
    return hold


def record_by_phone(
    user: User, case: Case, until: datetime, said: str, public_ids: Sequence[str] = ()
) -> Hold:
    """Police asked by telephone: binding at once, and another person confirms it.

    `public_ids` names identifiers of the case; empty means all of them. `said` (who called, what was asked) is
    kept as a sealed note in the case. Raises `NotAllowed` with a sentence.
    """
    if not allowed(user, "hold.record"):
        raise NotAllowed(_("You may not record a hold."))
    if until <= timezone.now():
        raise NotAllowed(_("The hold would end in the past: choose a later day."))
    if not said.strip():
        raise NotAllowed(_("Write who called and what was asked, so that another person can confirm it."))
    rows = identifiers_of(case)
    ids = list((rows.filter(public_id__in=public_ids) if public_ids else rows).values_list("pk", flat=True))
    if not ids:
        raise NotAllowed(_("This case has no identifier that could be held."))
    with write():
        hold = _new(ids, until, timezone.now(), recorded_by=user)
        notes.add(case, user, said.strip())
        _announce(hold, "hold_set", user.actor, None, until=until.isoformat())
        record(user.actor, "hold.recorded", f"hold:{hold.public_id}", case=case.number, identifiers=len(ids))
        mark_cases()
    return hold


def offered(case: Case, most: int) -> tuple[list[Identifier], int]:
    """What of `identifiers_of` a page offers, and how many more there are: dispatched and found first, then the most
    named. Three queries."""
    chosen = list(DispatchItem.objects.filter(dispatch__case=case).values_list("identifier_id", flat=True))
    chosen += case.findings.exclude(identifier=None).values_list("identifier_id", flat=True)
    named = (
        "SELECT m.identifier_id FROM cases_casetip c JOIN tips_mention m ON m.tip_id = c.tip_id"
        " WHERE c.case_id = %s AND m.identifier_id IS NOT NULL"
    )
    counts = Counter(pk for (pk,) in ask(named, case.pk))
    ranked = list(dict.fromkeys([*chosen, *(pk for pk, _n in counts.most_common())]))
    rows = Identifier.objects.filter(pk__in=ranked[:most]).order_by("pk")
    return list(rows), max(0, len(ranked) - most)


def identifiers_of(case: Case) -> QuerySet[Identifier]:
    """What of this case may be held: named by a tip, found by an analyst, or dispatched."""
    dispatched = DispatchItem.objects.filter(dispatch__case=case).values("identifier_id")
    return Identifier.objects.filter(
        Q(mentions__tip__case_tip__case=case) | Q(findings__case=case) | Q(pk__in=dispatched)
    ).distinct()


def confirm(hold: Hold, user: User) -> None:
    """The second person called back and confirms. Raises `NotAllowed` with a sentence."""
    with write():
        hold = Hold.objects.select_for_update().get(pk=hold.pk)
        if not allowed(user, "hold.record"):
            raise NotAllowed(_("You may not confirm a hold."))
        if hold.recorded_by_id == user.pk:
            raise NotAllowed(_("You recorded this hold yourself: another person has to confirm it."))
        if hold.recorded_by_id is None or hold.confirmed_by_id or hold.lifted_at:
            raise NotAllowed(_("This hold is not waiting for a confirmation."))
        hold.confirmed_by = user
        hold.save(update_fields=["confirmed_by"])
        record(user.actor, "hold.confirmed", f"hold:{hold.public_id}")
        _announce(hold, "hold_confirmed", user.actor, None)


def lift(hold: Hold, user: User, reason: str) -> None:
    """A person lifts a hold, with one of `LIFT_REASONS`. Raises `NotAllowed` with a sentence."""
    if not allowed(user, "hold.lift"):
        raise NotAllowed(_("You may not lift a hold: ask a reviewer or a coordinator."))
    if reason not in LIFT_REASONS:
        raise NotAllowed(_("Choose why the hold is lifted."))
    with write():
        hold = Hold.objects.select_for_update().get(pk=hold.pk)
        if hold.lifted_at:
            raise NotAllowed(_("This hold was lifted already."))
        _close(hold, user.actor, reason, None)
        record(user.actor, "hold.lifted", f"hold:{hold.public_id}", reason=reason)
        mark_cases()
        if hold.from_dispatch:
            write_copy(hold.from_dispatch)


def lift_from_page(
    dispatch: Dispatch, identifier_ids: Sequence[int] | None = None, at: datetime | None = None
) -> None:
    """Police say "go ahead": their own holds end, for all items or some; holds of others stay.

    What a partial "go ahead" leaves out stays silent: by the hold that is there, or by a new one that asks a
    person again after two weeks.
    """
    every = set(dispatch.items.values_list("identifier_id", flat=True))
    ids = every if identifier_ids is None else every & set(identifier_ids)
    with write():
        _lift_identifiers(
            dispatch.holds.filter(lifted_at__isnull=True), ids, f"dispatch:{dispatch.public_id}", at
        )
        decided = HoldIdentifier.objects.filter(hold__from_dispatch=dispatch)  # held still, or freed before
        rest = every - ids - set(decided.values_list("identifier_id", flat=True))
        if rest:
            now = at or timezone.now()
            hold = _new(sorted(rest), now + REST_HOLD, now, from_dispatch=dispatch)
            record(
                "worker",
                "hold.set",
                f"hold:{hold.public_id}",
                dispatch=dispatch.public_id,
                identifiers=len(rest),
            )
        mark_cases()


def mark_cases() -> int:
    """Let every case's state say whether it is held; returns how many changed. Safe to run at any time."""
    changed = 0
    with write():
        for case in held_cases().filter(state__in=HOLDABLE):
            set_state(case, CaseState.HELD, "worker")
            changed += 1
        for case in Case.objects.filter(state=CaseState.HELD).exclude(pk__in=held_cases().values("pk")):
            set_state(case, _state_before(case), "worker")
            changed += 1
    return changed


def out_of_step() -> bool:
    """Whether a case has met a hold since: asked before a writer is taken. (Lifting marks its cases itself.)"""
    if not Hold.objects.filter(lifted_at__isnull=True).exists():
        return False
    return held_cases().filter(state__in=HOLDABLE).exists()


def _state_before(case: Case) -> CaseState:
    if case.dispatches.filter(sent_at__isnull=False).exists():
        return CaseState.DISPATCHED
    return CaseState.ASSESSED if case.assessments.exists() else CaseState.OPEN


def _live(hold: Hold) -> list[int]:
    return list(
        hold.holdidentifier_set.filter(lifted_at__isnull=True).values_list("identifier_id", flat=True)
    )


def _new(ids: Sequence[int], until: datetime, at: datetime, **by: User | Dispatch) -> Hold:
    hold = Hold.objects.create(until=until, set_at=at, **by)
    HoldIdentifier.objects.bulk_create(
        HoldIdentifier(hold=hold, identifier_id=one) for one in sorted(set(ids))
    )
    call_back(ids)
    return hold


def _take_over(dispatch: Dispatch, ids: Iterable[int], at: datetime) -> None:
    """A new hold of the same police takes these identifiers over from their older ones: nothing is lifted."""
    for hold in dispatch.holds.filter(lifted_at__isnull=True):
        hold.holdidentifier_set.filter(lifted_at__isnull=True, identifier_id__in=ids).update(lifted_at=at)
        if not _live(hold):
            hold.lifted_at, hold.lifted_by = at, "replaced"
            hold.save(update_fields=["lifted_at", "lifted_by"])


def _lift_identifiers(holds: QuerySet[Hold], ids: Iterable[int], by: str, at: datetime | None) -> None:
    """Lift these identifiers from these holds; a hold without any left is lifted as a whole."""
    wanted = set(ids)
    for hold in holds:
        if set(_live(hold)) <= wanted:
            _close(hold, by, "go_ahead", at)
            record("worker", "hold.lifted", f"hold:{hold.public_id}", reason="go_ahead")
            continue
        rows = hold.holdidentifier_set.filter(lifted_at__isnull=True, identifier_id__in=wanted)
        count = rows.update(lifted_at=at or timezone.now())
        if count:
            record("worker", "hold.lifted_in_part", f"hold:{hold.public_id}", identifiers=count)


def _close(hold: Hold, by: str, reason: str, at: datetime | None) -> None:
    _announce(hold, "hold_lifted", by, at, reason=reason)  # first: afterwards it touches no case
    hold.lifted_at, hold.lifted_by = at or timezone.now(), by
    hold.save(update_fields=["lifted_at", "lifted_by"])
    hold.holdidentifier_set.filter(lifted_at__isnull=True).update(lifted_at=hold.lifted_at)


def _announce(hold: Hold, kind: str, actor: str, at: datetime | None, **facts: str) -> None:
    """One line in the timeline of every case that the hold binds."""
    for case in cases_of(hold):
        events.add(case, kind, actor, at=at, hold=hold.public_id, **facts)
