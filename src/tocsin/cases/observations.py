"""What is known about the identifiers of a case over time, each fact with its grade, its date and who says so.

People add what they saw themselves or what a provider or police confirmed; what tips say is written by `stating.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events, living, score, stating
from tocsin.cases.contents import named_here
from tocsin.cases.models import Case, Observation
from tocsin.cases.subject import GRADES
from tocsin.cases.working import locked, mark_worked_on
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier
from tocsin.lib.ask import ask, time_of
from tocsin.lib.writing import write

KINDS = ("members", "fee", "owner", "live", "ended")  # "ended" is stored as live with amount 0
PERIODS = ("day", "week", "month", "quarter", "year", "once")
ORDER = ("live", "owner", "members", "fee")
LINES_READ = 250  # of each kind: different facts that tips state and a page reads
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact as the page shows it: equal ones of several tips together."""

    kind: str
    identifier: Identifier | None  # None: the case as a whole
    amount: Decimal | None
    currency: str
    period: str
    owner: Identifier | None
    grade: str
    tips: int  # how many say so; 0: a person does
    by: User | None
    first_at: datetime
    last_at: datetime
    public_id: str  # of a person's, to take it back; empty for what tips say

    @property
    def about(self) -> str:
        """What it is about, inert; empty: the case as a whole."""
        return shown(self.identifier)

    @property
    def owned_by(self) -> str:
        """Who owns it, inert."""
        return shown(self.owner)


def shown(identifier: Identifier | None) -> str:
    """An identifier as inert text, or nothing."""
    return display(identifier.kind, identifier.platform, identifier.canonical) if identifier else ""


def add(
    case: Case,
    user: User,
    kind: str,
    about: str = "",
    *,
    amount: Decimal | None = None,
    currency: str = "",
    period: str = "",
    owner: str = "",
    grade: str = "seen",
    at: datetime | None = None,
) -> Observation:
    """What a person saw, heard or had confirmed. `about`, `owner`: public ids of readable identifiers of the case.

    `amount`: members, or the fee. Raises `NotAllowed` with a sentence.
    """
    currency, at = currency.strip().upper(), at or timezone.now()
    _check(kind, amount, currency, period, grade, owner, at)
    with write():
        row = locked(case)
        known = named_here(row, [name for name in (about, owner) if name])
        if any(name and name not in known for name in (about, owner)):
            raise NotAllowed(_("This identifier is not in the case: look at the page again."))
        if kind == "owner" and about == owner:
            raise NotAllowed(_("Nothing owns itself: choose what is owned, and by whom."))
        made = Observation.objects.create(
            case=row,
            identifier=known.get(about),
            kind="live" if kind == "ended" else kind,
            amount={"live": Decimal(1), "ended": Decimal(0), "owner": None}.get(kind, amount),
            currency=currency if kind == "fee" else "",
            period=period if kind == "fee" else "",
            owner=known.get(owner) if kind == "owner" else None,
            grade=grade,
            by=user,
            observed_at=at,
            recorded_at=timezone.now(),
        )
        mark_worked_on(row)
        score.recount([row.pk])
        if kind == "owner" and about:
            living.written(row, [known[about]])
        events.add(row, "observation", user.actor, fact=kind, grade=grade)
        record(
            user.actor, "case.observation", row.audit_name, observation=made.public_id, kind=kind, grade=grade
        )
    return made


def _check(
    kind: str, amount: Decimal | None, currency: str, period: str, grade: str, owner: str, at: datetime
) -> None:
    if kind not in KINDS or grade not in GRADES:
        raise NotAllowed(_("Say what was seen, and how it is known."))
    if kind in ("members", "fee") and (amount is None or not 0 < amount < stating.MOST):
        raise NotAllowed(_("Give the number: more than nothing, in digits."))
    if kind == "members" and amount is not None and amount != amount.to_integral_value():
        raise NotAllowed(_("Members are counted in whole numbers."))
    if kind == "fee" and ((period and period not in PERIODS) or not _is_currency(currency)):
        raise NotAllowed(
            _("A currency has three letters (CNY, EUR), or leave it empty where nobody said it.")
        )
    if kind == "owner" and not owner:
        raise NotAllowed(_("Say which account owns it."))
    if at > timezone.now():
        raise NotAllowed(_("Nobody has seen the future: look at the date."))


def _is_currency(code: str) -> bool:
    return not code or (3 <= len(code) <= 5 and code.isascii() and code.isalpha())


def take_back(case: Case, public_id: str, user: User) -> None:
    """A person's observation was a mistake: it goes, and the timeline says so."""
    with write():
        row = locked(case)
        gone, _rows = Observation.objects.filter(case=row, public_id=public_id, by__isnull=False).delete()
        if not gone:
            raise NotAllowed(_("This observation is not there any more: look at the page again."))
        score.recount([row.pk])
        events.add(row, "observation_gone", user.actor)
        record(user.actor, "case.observation_gone", row.audit_name, observation=public_id)


def of_case(case: Case) -> list[Line]:
    """What is known over time, as `read` gives it, without how much was left out."""
    return read(case).lines


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of a case; and how many different ones more its tips state than were read."""

    lines: list[Line]
    more: int


def read(case: Case) -> Known:
    """Everything that is known over time: live now and owners first, the newest first.

    Equal words of tips are put together before anything is loaded; of a storm that says something else in every tip
    the `LINES_READ` facts of each kind that most tips say are read, and all that people added. Three queries.
    """
    said = _said(case)
    kept = _kept(said)
    ids = {pk for fact, _one in kept for pk in (fact[1], fact[5]) if pk is not None}
    known = Identifier.objects.in_bulk(ids)
    lines = [_of_tips(fact, one, known) for fact, one in kept]
    people = Observation.objects.filter(case=case).select_related("identifier", "owner", "by")
    lines += [_of_person(one) for one in people.order_by("observed_at", "pk")]
    return Known(sorted(lines, key=_order), len(said) - len(kept))


Fact = tuple[str, int | None, Any, str, str, int | None]  # kind, identifier, amount, currency, period, owner


@dataclass(slots=True)
class _Said:
    """How many tips say one thing, and when: the earliest and the latest, as the database writes times."""

    tips: int
    first: Any
    last: Any


def _said(case: Case) -> dict[Fact, _Said]:
    """What tips say, each fact once. One query, of plain values."""
    stated = (
        "SELECT o.kind, o.identifier_id, o.amount, o.currency, o.period, o.owner_id, o.observed_at"
        " FROM cases_casetip c JOIN cases_observation o ON o.tip_id = c.tip_id WHERE c.case_id = %s"
    )
    found: dict[Fact, _Said] = {}
    for *fact, at in ask(stated, case.pk):
        key: Fact = tuple(fact)
        one = found.get(key)
        if one is None:
            found[key] = _Said(1, at, at)
        else:
            one.tips, one.first, one.last = one.tips + 1, min(one.first, at), max(one.last, at)
    return found


def _kept(said: dict[Fact, _Said]) -> list[tuple[Fact, _Said]]:
    """Of each kind the facts that most tips say, the newest of equal ones."""
    by_kind: dict[str, list[tuple[Fact, _Said]]] = {}
    newest = sorted(said.items(), key=lambda pair: pair[1].last, reverse=True)
    for pair in sorted(newest, key=lambda pair: -pair[1].tips):
        by_kind.setdefault(pair[0][0], []).append(pair)
    return [pair for pairs in by_kind.values() for pair in pairs[:LINES_READ]]


def _of_tips(fact: Fact, said: _Said, known: dict[int, Identifier]) -> Line:
    kind, identifier, amount, currency, period, owner = fact
    return Line(
        kind=kind,
        identifier=known.get(identifier or 0),
        amount=None if amount is None else Decimal(str(amount)).quantize(CENT),
        currency=currency,
        period=period,
        owner=known.get(owner or 0),
        grade="said",
        tips=said.tips,
        by=None,
        first_at=time_of(said.first),
        last_at=time_of(said.last),
        public_id="",
    )


def _of_person(one: Observation) -> Line:
    return Line(
        kind=one.kind,
        identifier=one.identifier,
        amount=one.amount,
        currency=one.currency,
        period=one.period,
        owner=one.owner,
        grade=one.grade,
        tips=0,
        by=one.by,
        first_at=one.observed_at,
        last_at=one.observed_at,
        public_id=one.public_id,
    )


def _order(line: Line) -> tuple[int, str, float]:
    place = ORDER.index(line.kind) if line.kind in ORDER else len(ORDER)
    return place, line.about, -line.last_at.timestamp()


def live_now(lines: Iterable[Line]) -> list[Line]:
    """What was live when somebody last looked: the newest word on each identifier counts."""
    newest: dict[int | None, Line] = {}
    for line in sorted((one for one in lines if one.kind == "live"), key=lambda one: one.last_at):
        newest[line.identifier.pk if line.identifier else None] = line
    return [line for line in newest.values() if line.amount]
