"""Who answers calls, and when: the rota that a case in the lane *immediate* pages by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases.models import Duty
from tocsin.lib.ask import ask
from tocsin.lib.writing import write
from tocsin.tips import staffing

LONGEST = timedelta(days=14)  # a longer one is a slip of the pen
MOST_WEEKS = 26
MOST_PLACES = 20
WEEK = timedelta(days=7)
_ROTA = """SELECT EXISTS(SELECT 1 FROM cases_duty),
    EXISTS(SELECT 1 FROM cases_duty WHERE begins <= %s AND ends > %s)"""


def plan(
    user: User,
    person: User,
    begins: datetime,
    ends: datetime,
    place: int = 1,
    weeks: int = 1,
    now: datetime | None = None,
) -> list[Duty]:
    """Put `person` on the rota, at the same wall-clock time in each of `weeks` weeks. All of them, or none.

    `begins` and `ends` are aware, in the rota's zone. `NotAllowed` with a sentence: the end is not later, all of
    it is past, the person cannot be called, or is on duty in that time already.
    """
    at = now or timezone.now()
    _refuse(person, begins, ends, place, weeks, at)
    times = [(_later(begins, week), _later(ends, week)) for week in range(weeks)]
    with write():
        User.objects.select_for_update().get(
            pk=person.pk
        )  # two planners of the same person: one after the other
        for start, end in times:
            if Duty.objects.filter(user=person, begins__lt=end, ends__gt=start).exists():
                raise NotAllowed(_("%(who)s is on duty in that time already.") % {"who": named(person)})
        rows = [
            Duty(user=person, begins=start, ends=end, place=place, made_by=user, made_at=at)
            for start, end in times
        ]
        Duty.objects.bulk_create(rows)
        for row in rows:
            record(user.actor, "duty.planned", f"duty:{row.public_id}", person=person.actor, place=place)
    return rows


def _refuse(person: User, begins: datetime, ends: datetime, place: int, weeks: int, now: datetime) -> None:
    if ends <= begins:
        raise NotAllowed(_("The duty must end after it begins."))
    if ends - begins > LONGEST:
        raise NotAllowed(_("A duty lasts two weeks at most: plan several."))
    if ends <= now:
        raise NotAllowed(_("That time is over: a duty is planned ahead."))
    if not 1 <= weeks <= MOST_WEEKS or not 1 <= place <= MOST_PLACES:
        raise NotAllowed(_("Repeat for 1 to 26 weeks; the place is 1 to 20."))
    if not policy.allowed(person, "case.read"):
        raise NotAllowed(_("%(who)s may not read cases, so cannot answer calls.") % {"who": named(person)})
    if not person.email:
        raise NotAllowed(_("%(who)s has left no address at which to be called.") % {"who": named(person)})


def _later(moment: datetime, weeks: int) -> datetime:
    """The same wall-clock time some weeks later, also where clocks change in between."""
    return moment + weeks * WEEK  # arithmetic within one zone leaves the wall clock as it is


def remove(user: User, public_id: str, now: datetime | None = None) -> None:
    """Take a duty off the rota. One that runs ends now; one that is past stays: it says who was called, and why."""
    at = now or timezone.now()
    with write():
        row = Duty.objects.select_for_update().filter(public_id=public_id).first()
        if row is None:
            raise NotAllowed(_("There is no such duty: somebody took it off already."))
        if row.ends <= at:
            raise NotAllowed(_("This duty is over: it stays in the plan."))
        if row.begins < at:
            row.ends = at
            row.save(update_fields=["ends"])
        else:
            row.delete()
        record(user.actor, "duty.removed", f"duty:{public_id}", person=f"user:{row.user_id}")


def set_address(user: User, address: str) -> None:
    """Where this person is called: an e-mail address. Blank takes it back, unless a duty lies ahead."""
    address = address.strip()
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise NotAllowed(_("Write one e-mail address.")) from None
    if not address.isascii():
        raise NotAllowed(_("Write one e-mail address in plain letters."))
    with write():
        row = User.objects.select_for_update().get(pk=user.pk)
        if not address and Duty.objects.filter(user=row, ends__gt=timezone.now()).exists():
            raise NotAllowed(_("You are on the rota: it needs an address at which to call you."))
        row.email = address
        row.save(update_fields=["email"])
        record(user.actor, "user.address", row.actor, given=bool(address))
    user.email = address


def on_duty(at: datetime) -> list[User]:
    """Who can be called at this moment, in the order of calling, each once."""
    rows = Duty.objects.filter(begins__lte=at, ends__gt=at).select_related("user")
    found: dict[int, User] = {}
    for row in rows.order_by("place", "begins", "pk"):
        if can_be_called(row.user):
            found.setdefault(row.user.pk, row.user)
    return list(found.values())


def can_be_called(user: User) -> bool:
    """Active, may read cases, and left an address."""
    return bool(user.email) and policy.allowed(user, "case.read")


def callable_people() -> list[User]:
    """Everybody who may be put on the rota, by name; those without an address too, so that it is said."""
    people = User.objects.filter(is_active=True, role__in=policy.CASEWORK).order_by("username")
    return [user for user in people if policy.allowed(user, "case.read")]


def between(begins: datetime, ends: datetime) -> Sequence[Duty]:
    """Duties that touch this time, in the order of calling."""
    rows = Duty.objects.filter(begins__lt=ends, ends__gt=begins).select_related("user")
    return list(rows.order_by("place", "begins", "pk"))


def named(user: User) -> str:
    """How the pages of the console call a person."""
    return user.get_full_name() or user.get_username()


def show_at_door(now: datetime) -> int:
    """Tell the public pages whether somebody is on duty; 1 if that changed. Nothing where no rota is kept."""
    ((kept, busy),) = ask(_ROTA, now, now)
    if not kept:
        return 0
    staffed = bool(busy and on_duty(now))
    if staffing.shown() is staffed:
        return 0
    last = Duty.objects.select_related("made_by").latest("pk")
    with write():
        staffing.show(staffed, last.made_by, now)
    return 1
