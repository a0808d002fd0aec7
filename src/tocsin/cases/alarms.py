"""A case that becomes immediate calls somebody: once a case, never once a tip, until a person takes it.

The step `cases.alarms` begins, calls and ends. A call is a mail with case numbers only, in the outbox in the same
transaction as its row: killed at any line, nothing is sent twice and nobody is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import Role, User
from tocsin.audit.record import record, record_many
from tocsin.cases import duty, events, flags
from tocsin.cases.alarm_mail import queue_mail
from tocsin.cases.models import Alarm, AlarmCall, Case, CaseState, CaseTip, Flag, Lane
from tocsin.lib import mailbox
from tocsin.lib.ask import ask
from tocsin.lib.writing import write

GAP = timedelta(minutes=1)  # between two mails to the same house: what becomes immediate within it shares one
COORDINATORS_EVERY = timedelta(hours=1)  # those are not on duty: told again, but not every few minutes
AT_ONCE = 500  # a storm shares one mail, so all of it is taken together, whatever part the step is asked for
LINK_KEPT = timedelta(days=7)  # after its alarm is over, a link still says so

# spelt as in the two partial indexes of Case, so that a walk without news costs nothing
DUE = Q(paged=False) & Q(lane="immediate") & ~Q(state="closed") & ~Q(state="merged")
FORGOTTEN = Q(paged=True) & (Q(lane_rank__gt=0) | Q(state="closed"))

# whether there is anything to end, to begin, to call about: one question for a quiet walk. Spelt as in the indexes, and
# in their order: without it SQLite would walk every calm case, or every closed one
_NEWS = """SELECT
  (SELECT 1 FROM cases_case WHERE paged AND (lane_rank > 0 OR state = 'closed')
      ORDER BY last_received_at LIMIT 1) IS NOT NULL
    OR EXISTS(SELECT 1 FROM cases_alarm a JOIN cases_case c ON c.id = a.case_id WHERE a.over_at IS NULL
      AND (c.lane <> 'immediate' OR c.state IN ('closed', 'merged'))),
  (SELECT 1 FROM cases_case
      WHERE NOT paged AND lane = 'immediate' AND NOT (state = 'closed') AND NOT (state = 'merged')
      ORDER BY last_received_at LIMIT 1) IS NOT NULL
    OR EXISTS(SELECT 1 FROM cases_flag f CROSS JOIN cases_case c WHERE c.id = f.case_id
      AND f.settled_at IS NULL AND f.kind = 'reopen' AND c.state = 'closed' AND c.lane = 'immediate'),
  EXISTS(SELECT 1 FROM cases_alarm WHERE next_call_at IS NOT NULL AND next_call_at <= %s)"""


def work(limit: int, now: datetime | None = None) -> int:
    """End what is immediate no more, begin what became so, call whoever is to be called now. How many it did."""
    at, most = now or timezone.now(), max(limit, AT_ONCE)
    ((to_end, to_begin, to_call),) = ask(_NEWS, at)
    ended = _end(most, at) if to_end else 0
    begun = _begin(most, at) if to_begin or ended else 0
    return ended + begun + (_call(at) if to_call or begun else 0)


def every() -> timedelta:
    """The time between two calls about the same alarm."""
    return timedelta(minutes=settings.ALARM_MINUTES)


# --- its end and its beginning -------------------------------------------------------------------------------


def _end(limit: int, at: datetime) -> int:
    calm = list(
        Case.objects.filter(FORGOTTEN).order_by("last_received_at").values_list("pk", flat=True)[:limit]
    )
    over = list(_no_more_immediate().values_list("pk", flat=True)[:limit])
    if not calm and not over:
        return 0
    with write():
        done = Case.objects.filter(FORGOTTEN, pk__in=calm).update(paged=False)
        for alarm in _locked(_no_more_immediate().filter(pk__in=over)):
            _over(alarm, at)
            done += 1
    return done


def _no_more_immediate() -> QuerySet[Alarm]:
    gone = (CaseState.CLOSED, CaseState.MERGED)
    woken = Q(case__state=CaseState.CLOSED) & Q(case__in=_proposals().values("case_id"))
    still = Q(case__lane=Lane.IMMEDIATE) & (~Q(case__state__in=gone) | woken)
    return Alarm.objects.filter(~still, over_at__isnull=True)


def _proposals() -> QuerySet[Flag]:
    """Closed, immediate cases on which new tips wait for a person: they call like open ones."""
    waiting = Flag.objects.filter(kind=flags.REOPEN, settled_at__isnull=True)
    return waiting.filter(case__state=CaseState.CLOSED, case__lane=Lane.IMMEDIATE)


def _woken() -> QuerySet[Flag, int]:
    """Ids of those about which nobody was called, and that nobody took, since."""
    since = Q(begun_at__gte=OuterRef("at")) | Q(taken_at__gte=OuterRef("at")) | Q(over_at__isnull=True)
    called = Alarm.objects.filter(since, case=OuterRef("case"))
    return _proposals().exclude(Exists(called)).values_list("case_id", flat=True)


def _over(alarm: Alarm, at: datetime) -> None:
    """Nobody is called any more. Inside `with write():`, the row locked."""
    alarm.over_at, alarm.next_call_at = at, None
    alarm.save(update_fields=["over_at", "next_call_at"])
    events.add(alarm.case, "alarm_over", "worker", at=at)
    record("worker", "alarm.over", alarm.case.audit_name, alarm=alarm.public_id)


def _locked(alarms: QuerySet[Alarm]) -> list[Alarm]:
    """These alarms with their cases, locked until the transaction ends, the oldest first."""
    rows = alarms.select_related("case").select_for_update(of=("self",))
    return list(rows.order_by("begun_at", "pk"))


def _begin(limit: int, at: datetime) -> int:
    ids = list(Case.objects.filter(DUE).order_by("last_received_at").values_list("pk", flat=True)[:limit])
    ids += _woken()[:limit]
    if not ids:
        return 0
    with write():
        due = DUE | Q(pk__in=list(_woken()))
        cases = list(Case.objects.select_for_update().filter(due, pk__in=ids).order_by("pk"))
        open_now = Alarm.objects.filter(case__in=cases, over_at__isnull=True)
        called_for = set(open_now.values_list("case_id", flat=True))
        fresh = [case for case in cases if case.pk not in called_for]
        first = _first_calls(fresh, at)
        Alarm.objects.bulk_create(
            Alarm(case=case, begun_at=at, next_call_at=first[case.pk]) for case in fresh
        )
        open_ones = [case.pk for case in cases if case.state != CaseState.CLOSED]
        Case.objects.filter(pk__in=open_ones).update(paged=True)
        events.add_many((case, "alarm", "worker", at, {}) for case in fresh)
        record_many(("worker", "alarm.begun", case.audit_name, {}) for case in fresh)
    return len(cases)


def _first_calls(cases: Sequence[Case], at: datetime) -> dict[int, datetime]:
    """When the first call about each case leaves, by its id: at once, or with the next mail that it shares.

    What belongs to a campaign about which somebody was called within the last minutes waits for that campaign's
    next call: "214 tips in campaign X" is one page. Everything else waits a minute at most.
    """
    recent = list(
        AlarmCall.objects.filter(at__gt=at - every(), at__lte=at).values_list("alarm__case_id", "at")
    )
    newest = max((when for _case, when in recent), default=None)
    gap = max(at, newest + GAP) if newest else at
    if not recent:
        return {case.pk: at for case in cases}
    campaigns = campaigns_of([*(case.pk for case in cases), *(case for case, _when in recent)])
    last: dict[int, datetime] = {}
    for case, when in recent:
        for campaign in campaigns.get(case, ()):
            last[campaign] = max(when, last.get(campaign, when))
    shared = {
        case.pk: min(
            (last[one] + every() if one in last else at for one in campaigns.get(case.pk, ())), default=at
        )
        for case in cases
    }
    return {pk: max(gap, when) for pk, when in shared.items()}


def campaigns_of(cases: Collection[int]) -> dict[int, set[int]]:
    """case id -> ids of the campaigns its tips came by. One query."""
    rows = CaseTip.objects.filter(case__in=set(cases), tip__campaign__isnull=False)
    found: dict[int, set[int]] = {}
    for case, campaign in rows.values_list("case_id", "tip__campaign_id").distinct():
        found.setdefault(case, set()).add(campaign)
    return found


# --- calling -------------------------------------------------------------------------------------------------


def _call(at: datetime) -> int:
    if not Alarm.objects.filter(next_call_at__isnull=False, next_call_at__lte=at).exists():
        return 0
    with write():
        # what is due within the gap goes along: alarms of the same minutes find into one mail
        alarms = _locked(Alarm.objects.filter(next_call_at__isnull=False, next_call_at__lte=at + GAP))
        if not any(alarm.next_call_at and alarm.next_call_at <= at for alarm in alarms):
            return 0  # another worker called
        called = _calls_so_far(alarms)
        people, coordinators = duty.on_duty(at), _coordinators()
        mails: dict[int, tuple[User, list[Alarm]]] = {}
        for alarm in alarms:
            _perhaps_unheard(alarm, people, at)
            for user in _whom(alarm, people, coordinators, called.get(alarm.pk, {}), at):
                mails.setdefault(user.pk, (user, []))[1].append(alarm)
            alarm.next_call_at = at + every()
        Alarm.objects.bulk_update(alarms, ["next_call_at", "unheard"], batch_size=AT_ONCE)
        for user, about in mails.values():
            _mail(user, about, called, at)
    return len(alarms)


def _calls_so_far(alarms: Iterable[Alarm]) -> dict[int, dict[int, datetime]]:
    """alarm id -> {user id: when last called}."""
    found: dict[int, dict[int, datetime]] = {}
    rows = AlarmCall.objects.filter(alarm__in=list(alarms)).order_by("at", "pk")
    for alarm, user, when in rows.values_list("alarm_id", "user_id", "at"):
        found.setdefault(alarm, {})[user] = when
    return found


def _coordinators() -> list[User]:
    rows = User.objects.filter(role=Role.COORDINATOR, is_active=True).order_by("pk")
    return [user for user in rows if duty.can_be_called(user)]


def _whom(
    alarm: Alarm,
    people: Sequence[User],
    coordinators: Sequence[User],
    called: dict[int, datetime],
    at: datetime,
) -> list[User]:
    """Whoever on duty was called before, again; the next person; and once it is unheard, the coordinators."""
    again = [user for user in people if user.pk in called]
    following = [user for user in people if user.pk not in called][:1]
    asked = again + following
    if alarm.unheard:
        here = {user.pk for user in asked}
        longest = at - COORDINATORS_EVERY
        asked += [
            user for user in coordinators if user.pk not in here and called.get(user.pk, longest) <= longest
        ]
    return asked


def _perhaps_unheard(alarm: Alarm, people: Sequence[User], at: datetime) -> None:
    """Nobody is on duty, or nobody took it in time: the coordinators are told and `/health` turns red."""
    if alarm.unheard:
        return
    late = at - alarm.begun_at >= timedelta(minutes=settings.ALARM_UNHEARD_MINUTES)
    if people and not late:
        return
    alarm.unheard = True
    why = "nobody_on_duty" if not people else "nobody_took_it"
    events.add(alarm.case, "alarm_unheard", "worker", at=at, unheard=why)
    record("worker", "alarm.unheard", alarm.case.audit_name, alarm=alarm.public_id, why=why)


def _mail(user: User, alarms: Sequence[Alarm], called: dict[int, dict[int, datetime]], at: datetime) -> None:
    """One mail about all of them, with one link; its key says which call of which alarms it is."""
    token = mailbox.new_token()
    parts = [f"{alarm.public_id}:{called.get(alarm.pk, {}).get(user.pk, '')}" for alarm in alarms]
    key = queue_mail(user, alarms, token, "|".join([str(user.pk), *parts]))
    tag = mailbox.tag(token)
    AlarmCall.objects.bulk_create(
        AlarmCall(alarm=alarm, user=user, tag=tag, post_key=key, at=at) for alarm in alarms
    )
    record_many(
        ("worker", "alarm.called", alarm.case.audit_name, {"alarm": alarm.public_id, "person": user.actor})
        for alarm in alarms
    )


def unheard_count() -> int:
    """Alarms that nobody on duty took in time, and that still wait."""
    return Alarm.objects.filter(over_at__isnull=True, unheard=True).count()


# --- taking --------------------------------------------------------------------------------------------------


def behind(token: str, now: datetime | None = None) -> list[AlarmCall]:
    """The calls of a mail's link, oldest case first; nothing for a link that is unknown, too old or not theirs now."""
    at = now or timezone.now()
    alive = Q(alarm__over_at__isnull=True) | Q(alarm__over_at__gt=at - LINK_KEPT)
    calls = AlarmCall.objects.filter(alive, tag=mailbox.tag(token)).select_related("alarm__case", "user")
    return [call for call in calls.order_by("alarm_id") if policy.allowed(call.user, "case.read")]


def take_by_link(token: str, now: datetime | None = None) -> list[Alarm]:
    """The person whose mail this was takes every alarm in it that nobody has taken yet; those are returned."""
    calls = behind(token, now)
    if not calls:
        return []
    return _take([call.alarm_id for call in calls], calls[0].user, now, by="link")


def take(case: Case, user: User, now: datetime | None = None) -> Alarm:
    """A signed-in person takes the case's alarm. `NotAllowed` where nobody is called about it."""
    ids = list(Alarm.objects.filter(case=case, over_at__isnull=True).values_list("pk", flat=True))
    taken = _take(ids, user, now, by="page")
    if not taken:
        raise NotAllowed(
            _("Nobody is called about this case any more: it was taken, or is immediate no more.")
        )
    return taken[0]


def _take(ids: Collection[int], user: User, now: datetime | None, by: str) -> list[Alarm]:
    at = now or timezone.now()
    with write():
        alarms = _locked(Alarm.objects.filter(pk__in=ids, over_at__isnull=True))
        for alarm in alarms:
            alarm.taken_at = alarm.over_at = at
            alarm.taken_by, alarm.next_call_at = user, None
            alarm.save(update_fields=["taken_at", "over_at", "taken_by", "next_call_at"])
            events.add(alarm.case, "alarm_taken", user.actor, at=at)
            record(user.actor, "alarm.taken", alarm.case.audit_name, alarm=alarm.public_id, by=by)
    return alarms


# --- merges --------------------------------------------------------------------------------------------------


def after_merge(pairs: Sequence[tuple[Case, Case]], now: datetime | None = None) -> None:
    """One alarm lives on. Inside `with write():`, once the second of each pair has become part of the first.

    The heir's stays and the other's is over; where only the other one is open it becomes the heir's, with its
    calls and links, so that nobody is called anew for what is being called about.
    """
    at = now or timezone.now()
    every = {case.pk for pair in pairs for case in pair}
    alarms = {row.case_id: row for row in _locked(Alarm.objects.filter(case__in=every, over_at__isnull=True))}
    for heir, other in pairs:
        if other.pk in alarms:
            if heir.pk in alarms:
                _over(alarms.pop(other.pk), at)
                continue
            alarms[heir.pk] = alarms.pop(other.pk)
            Alarm.objects.filter(pk=alarms[heir.pk].pk).update(case=heir)
        elif not other.paged or heir.paged:
            continue
        # also where somebody took the other one: that person has this case now
        Case.objects.filter(pk=heir.pk).update(paged=True)
        heir.paged = True
