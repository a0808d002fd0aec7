"""Who a case is about: known only inside the case, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events, score
from tocsin.cases.models import Case
from tocsin.cases.working import locked, mark_worked_on
from tocsin.lib import places, sealing
from tocsin.lib.writing import write

GRADES = ("said", "seen", "confirmed")  # by a reporter, by us, by a provider or police


@dataclass(frozen=True, slots=True)
class Subject:
    """Name, city (key of lib/places, or as typed) and country (ISO code): each may be empty. Who said so, when."""

    name: str
    city: str
    country: str
    grade: str
    by: int  # user's id
    at: datetime


def set_subject(
    case: Case, user: User, name: str, city: str = "", country: str = "", grade: str = "seen"
) -> Subject | None:
    """Write down who the case is about; all empty takes it back. A known city brings its country."""
    if grade not in GRADES:
        raise NotAllowed(_("Say how the subject is known."))
    name, city, country = name.strip(), city.strip(), country.strip().upper()
    known = places.city(city)
    country = known.country if known else country
    said = {"name": name, "city": city, "country": country, "grade": grade, "by": user.pk}
    value = said | {"at": timezone.now().isoformat()}
    with write():
        row = locked(case)
        row.subject_sealed = sealing.seal_json(value) if name or city or country else None
        row.save(update_fields=["subject_sealed"])
        mark_worked_on(row)
        score.recount([row.pk])
        events.add(row, "subject", user.actor)
        record(user.actor, "case.subject", row.audit_name, given=row.subject_sealed is not None)
    case.subject_sealed = row.subject_sealed
    return subject(row, user)


def subject(case: Case, user: User | None = None) -> Subject | None:
    """Who the case is about, for somebody who may read it (None: software, for a draft); None if not known."""
    if case.subject_sealed is None or (user is not None and not policy.allowed(user, "case.read", case)):
        return None
    value = sealing.unseal_json(case.subject_sealed)
    at = datetime.fromisoformat(value["at"])
    return Subject(value["name"], value["city"], value["country"], value["grade"], value["by"], at)
