"""Who a case is about: known only inside the case, sealed; with a grade, a legal basis and a day to ask again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
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

FILE = Path(__file__).parent / "data" / "subject.toml"
GRADES = ("said", "seen", "confirmed")  # by a reporter, by us, by a provider or police
LONGEST = timedelta(days=2 * 366)  # until a person must look again


@dataclass(frozen=True, slots=True)
class Subject:
    """Name, city (key of lib/places, or as typed) and country (ISO code): each may be empty. Who said so, when."""

    name: str
    city: str
    country: str
    grade: str
    by: int  # user's id
    at: datetime
    aliases: tuple[str, ...] = ()
    role: str = ""
    basis: str = ""  # of an old row: not said

    @property
    def person(self) -> str:
        """The name of who wrote it down."""
        user = User.objects.filter(pk=self.by).first()
        return (user.get_full_name() or user.get_username()) if user else ""


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def choices(table: str) -> list[tuple[str, str]]:
    """(code, words) of `basis` or `role`, in the reader's language."""
    language = (get_language() or "en").partition("-")[0]
    return [(code, said.get(language, said["en"])) for code, said in _data()[table].items()]


def words(table: str, code: str) -> str:
    """A code of `basis` or `role` in words; one that the data lacks as it is."""
    return dict(choices(table)).get(code, code)


def default_review() -> date:
    """The day on which a person is asked again, where nobody chose another."""
    return timezone.localdate() + timedelta(days=int(_data()["review_after_days"]))


def set_subject(
    case: Case,
    user: User,
    name: str,
    city: str = "",
    country: str = "",
    grade: str = "seen",
    *,
    aliases: Sequence[str] = (),
    role: str = "",
    basis: str | None = None,
    review_on: date | None = None,
) -> Subject | None:
    """Write down who the case is about; all empty takes it back. A known city brings its country.

    `basis` and `review_on`: the data's, where nobody chose. Raises `NotAllowed` with a sentence.
    """
    basis = _data()["default_basis"] if basis is None else basis
    review_on = review_on or default_review()
    if grade not in GRADES:
        raise NotAllowed(_("Say how the subject is known."))
    if basis not in _data()["basis"] or (role and role not in _data()["role"]):
        raise NotAllowed(_("Say on which legal ground the subject is written down."))
    _check_day(review_on)
    name, city, country = name.strip(), city.strip(), country.strip().upper()
    others = list(dict.fromkeys(alias.strip() for alias in aliases if alias.strip()))
    known = places.city(city)
    country = known.country if known else country
    given = bool(name or city or country or others)
    said = {"name": name, "city": city, "country": country, "grade": grade, "by": user.pk}
    value = said | {"aliases": others, "role": role, "basis": basis, "at": timezone.now().isoformat()}
    with write():
        row = locked(case)
        row.subject_sealed = sealing.seal_json(value) if given else None
        row.subject_review_on = review_on if given else None
        row.save(update_fields=["subject_sealed", "subject_review_on"])
        mark_worked_on(row)
        score.recount([row.pk])
        events.add(row, "subject", user.actor)
        record(user.actor, "case.subject", row.audit_name, given=given)
    case.subject_sealed, case.subject_review_on = row.subject_sealed, row.subject_review_on
    return subject(row, user)


def keep(case: Case, user: User, until: date | None = None) -> None:
    """A person looked again: the subject is still needed, until that day."""
    until = until or default_review()
    _check_day(until)
    with write():
        row = locked(case)
        if row.subject_sealed is None:
            raise NotAllowed(_("This case has no subject any more."))
        row.subject_review_on = until
        row.save(update_fields=["subject_review_on"])
        events.add(row, "subject_kept", user.actor, until=until.isoformat())
        record(user.actor, "case.subject_kept", row.audit_name, until=until.isoformat())
    case.subject_review_on = until


def _check_day(day: date) -> None:
    today = timezone.localdate()
    if not today < day <= today + LONGEST:
        raise NotAllowed(_("The day to ask again lies ahead, within two years."))


def due(user: User, on: date | None = None) -> QuerySet[Case]:
    """Cases whose subject a person must look at again, the longest overdue first."""
    if not policy.allowed(user, "case.read"):
        return Case.objects.none()
    day = on or timezone.localdate()
    rows = Case.objects.filter(subject_review_on__lte=day, merged_into__isnull=True)
    return rows.order_by("subject_review_on", "pk")


def subject(case: Case, user: User | None = None) -> Subject | None:
    """Who the case is about, for somebody who may read it (None: software, for a draft); None if not known."""
    if case.subject_sealed is None or (user is not None and not policy.allowed(user, "case.read", case)):
        return None
    value: Mapping[str, Any] = sealing.unseal_json(case.subject_sealed)
    return Subject(
        name=value["name"],
        city=value["city"],
        country=value["country"],
        grade=value["grade"],
        by=value["by"],
        at=datetime.fromisoformat(value["at"]),
        aliases=tuple(value.get("aliases", ())),
        role=value.get("role", ""),
        basis=value.get("basis", ""),
    )
