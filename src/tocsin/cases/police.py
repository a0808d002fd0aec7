"""Calling police about a child in danger: whom, what to say, and the record that somebody did."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import alarms, events, words
from tocsin.cases.models import Alarm, Case, Note
from tocsin.cases.subject import Subject
from tocsin.cases.working import locked, mark_worked_on
from tocsin.lib import places, sealing
from tocsin.lib.writing import write
from tocsin.tips.models import Tip

FILE = Path(__file__).parent / "data" / "police_call.toml"
MAX_WORDS = 10_000  # characters of what was said


@dataclass(frozen=True, slots=True)
class Whom:
    """Police of one country: what they are called by, how we know the place, and how sure the number is."""

    code: str
    country: str
    place: str  # a city, or empty
    why: str
    numbers: tuple[str, ...]  # empty: not in our data
    source: str
    as_of: str
    abroad: bool  # not the hotline's own country


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def script(language: str) -> list[str]:
    """What to say, a sentence a line, in this language (else English)."""
    return [_in(line, language).replace("{hotline}", settings.HOTLINE_NAME) for line in _data()["line"]]


def abroad(language: str) -> str:
    """What to do where the number is another country's."""
    return _in(_data()["abroad"], language)


def _in(sentences: dict[str, str], language: str) -> str:
    return sentences.get(language.split("-", 1)[0]) or sentences["en"]


def whom(case: Case, subject: Subject | None, cities: Iterable[tuple[str, int]]) -> list[Whom]:
    """Police of the places of this case, the best known first, each country once; empty: no place is known.

    `cities`: (key, how many tips name it), as the case page gathers them already. One query.
    """
    found: dict[str, Whom] = {}
    if subject and subject.country:
        said = _("the subject's place, %(grade)s") % {"grade": words.word("grade", subject.grade)}
        found[subject.country] = _whom(subject.country, subject.city, said)
    for code, tips in _answers(case):
        said = ngettext("chosen in %(n)d tip", "chosen in %(n)d tips", tips) % {"n": tips}
        found.setdefault(code, _whom(code, "", said))
    for key, tips in cities:
        known = places.city(key)
        if known:
            said = ngettext("named in %(n)d tip", "named in %(n)d tips", tips) % {"n": tips}
            found.setdefault(known.country, _whom(known.country, key, said))
    return list(found.values())


def _answers(case: Case) -> list[tuple[str, int]]:
    """(country, tips) as reporters chose it in the form."""
    rows = Tip.objects.filter(case_tip__case=case).exclude(place="").values_list("place", flat=True)
    return Counter(rows).most_common()


def _whom(code: str, city: str, why: str) -> Whom:
    known = places.country(code)
    return Whom(
        code=code,
        country=words.country(code),
        place=words.city(city),
        why=why,
        numbers=known.police if known else (),
        source=known.police_source if known else "",
        as_of=known.police_date if known else "",
        abroad=code.upper() != settings.HOTLINE_COUNTRY.upper(),
    )


def record_call(
    case: Case, user: User, reached: str, said: str, reference: str = "", country: str = ""
) -> Note:
    """Police were called: an act in the timeline and the audit, the words sealed as a note. One person is enough.

    `reached`: who answered. Whoever calls police about the case has taken it. `NotAllowed` where nothing is said.
    """
    reached, said, reference = reached.strip(), said.strip(), reference.strip()
    if not reached or not said:
        raise NotAllowed(_("Write who answered and what was said."))
    if len(said) > MAX_WORDS:
        raise NotAllowed(_("That is too long: write a note for the rest."))
    code = country.upper() if places.country(country) else ""
    lines = [_("Police were called. Answered by: %(who)s") % {"who": reached}]
    lines += [_("Reference: %(reference)s") % {"reference": reference}] if reference else []
    at = timezone.now()
    with write():
        row = locked(case)
        text = "\n".join([*lines, said])
        note = Note.objects.create(case=row, text_sealed=sealing.seal(text), by=user, at=at)
        mark_worked_on(row)
        events.add(row, "police_called", user.actor, at=at, police_of=code or "unknown")
        record(user.actor, "police.called", row.audit_name, country=code, reference=bool(reference))
        if Alarm.objects.filter(case=row, over_at__isnull=True).exists():
            alarms.take(row, user, at)
    return note
