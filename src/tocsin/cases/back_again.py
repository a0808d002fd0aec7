"""An account that is back: a tip names what was reported and gone, or something that shares its number, its payment
or a link that a person confirmed. It raises a flag with the history; what to make of it is a person's decision.

What is gone, and since when, is known to the room of dispatches: it registers `history` here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Min, QuerySet

from tocsin.cases import flags, wanted
from tocsin.cases.models import Case, Finding, Flag, Observation
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import JOINING_ROLES
from tocsin.lib.ask import ask
from tocsin.linking.models import Link

SEEN = ("seen", "confirmed")  # grades of what does not only repeat what a reporter says
MOST = 20  # items of a history that a flag keeps
Ids = Collection[int] | QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that its recipient called suspended or removed: when it was told, to whom, when it was gone."""

    identifier: Identifier
    item: str  # public id of the item of the dispatch
    case_id: int
    number: str  # of the case
    recipient: str  # name
    told_at: datetime | None
    gone_at: datetime
    answer: str  # suspended, removed


class History(Protocol):
    """What is gone among these identifiers, in these cases, or under these items (public ids)."""

    def __call__(self, *, identifiers: Ids = (), cases: Ids = (), items: Collection[str] = ()) -> list[Gone]:
        """Each item once, the first that was gone in front."""


Exists = Callable[
    [Collection[int], Collection[int]], bool
]  # is anything gone of these identifiers, these cases?
_known: list[tuple[History, Exists]] = []


def register(history: History, exists: Exists) -> None:
    """Called once by the room that knows, when the applications are ready. `exists` is asked for every tip."""
    _known[:] = [(history, exists)]


def history(*, identifiers: Ids = (), cases: Ids = (), items: Collection[str] = ()) -> list[Gone]:
    """What is gone, as far as anybody told; nothing where no room registered."""
    return [
        one for known, _exists in _known for one in known(identifiers=identifiers, cases=cases, items=items)
    ]


def look(tips: Mapping[int, Case]) -> int:
    """Flag what these tips (id -> their case) say is back. Two queries where nothing of it was ever gone.

    Inside `with write():`, behind the gate. Returns how many flags were raised. A tip that came in before the thing
    was gone says nothing.
    """
    if not tips or not _known:
        return 0
    cases = {case.pk: case for case in tips.values()}
    named = "SELECT DISTINCT identifier_id FROM linking_link WHERE joins AND tip_id {among}"
    ids = [one for (one,) in ask(named, tips)]
    if not any(exists(ids, cases) for _history, exists in _known):
        return 0
    joining = Link.objects.filter(tip__in=tips, joins=True)
    gone = history(identifiers=joining.values("identifier_id"), cases=list(cases))
    if not gone:
        return 0
    rows_of: dict[int, list[Identifier]] = defaultdict(list)
    times: dict[int, datetime] = {}
    for link in joining.select_related("identifier", "tip").order_by("tip__received_at", "pk"):
        rows_of[link.tip_id].append(link.identifier)
        times[link.tip_id] = link.tip.received_at
    looking = _Look(cases.values(), gone)
    return sum(looking.flag(tips[tip], rows, times[tip]) for tip, rows in rows_of.items())


def look_at(case: Case, rows: Sequence[Identifier], at: datetime) -> int:
    """The same for what a person wrote down at this time: a finding, or who owns what. Inside `with write():`."""
    if not rows or not _known:
        return 0
    gone = history(identifiers=[row.pk for row in rows], cases=[case.pk])
    return _Look([case], gone).flag(case, rows, at) if gone else 0


@dataclass(frozen=True, slots=True)
class Sign:
    """Why something is taken for back: `about` shares `by` with what is gone."""

    how: str  # same, number, payment, confirmed
    about: Identifier
    by: Identifier
    gone: Sequence[Gone]


class _Look:
    """One look at some cases: what is gone, and what was asked of the database about it."""

    def __init__(self, cases: Iterable[Case], gone: Sequence[Gone]) -> None:
        self.of: dict[int, list[Gone]] = defaultdict(list)
        self.near: dict[int, list[Gone]] = defaultdict(list)
        for one in gone:
            self.of[one.identifier.pk].append(one)
            self.near[one.case_id].append(one)
        said = Flag.objects.filter(case__in=[case.pk for case in cases], kind=flags.BACK_AGAIN)
        self.said = {(row.case_id, row.about, str(row.facts.get("gone"))) for row in said}
        self.paid: dict[tuple[int, int], datetime | None] = {}
        self.numbered: dict[tuple[int, int], set[int]] = {}
        self.owned: dict[int, dict[int, set[int]]] = {}

    def flag(self, case: Case, rows: Sequence[Identifier], at: datetime) -> int:
        """Raise what this naming says, each thing once for each time that it was gone."""
        raised = 0
        for sign in self._signs(case, rows, at):
            last = max(one.gone_at for one in sign.gone).isoformat()
            if (case.pk, sign.about.public_id, last) in self.said:
                continue
            self.said.add((case.pk, sign.about.public_id, last))
            items = [one.item for one in sign.gone][:MOST]
            facts = {"how": sign.how, "by": sign.by.public_id, "items": items, "gone": last}
            raised += flags.raise_flag(case, flags.BACK_AGAIN, sign.about.public_id, **facts)
        return raised

    def _signs(self, case: Case, rows: Sequence[Identifier], at: datetime) -> Iterator[Sign]:
        near = [one for one in self.near[case.pk] if one.gone_at < at]
        for row in rows:
            same = [one for one in self.of[row.pk] if one.gone_at < at]
            if same:
                yield from self._named_again(row, rows, same)
            elif wanted.is_number(row):
                numbered = self._numbered(case, row, near)
                if numbered:
                    about = _fresh(rows, numbered, row.platform) or [row]
                    yield from (Sign("number", one, row, numbered) for one in about)
            elif row.kind == "payment":
                paid = [one for one in near if self._paid_before(case, row, one.gone_at)]
                yield from (Sign("payment", one, row, paid) for one in _fresh(rows, paid))
            if not same:
                yield from self._confirmed(case, row, near)

    def _named_again(
        self, row: Identifier, rows: Sequence[Identifier], same: Sequence[Gone]
    ) -> Iterator[Sign]:
        """A gone number beside a new name is that name's; a gone payment beside new accounts is theirs."""
        if wanted.is_number(row) and (new := _fresh(rows, same, row.platform)):
            yield from (Sign("number", one, row, same) for one in new)
        elif row.kind == "payment" and (new := _fresh(rows, same)):
            yield from (Sign("payment", one, row, same) for one in new)
        else:
            yield Sign("same", row, row, same)

    def _numbered(self, case: Case, number: Identifier, near: Sequence[Gone]) -> list[Gone]:
        """What is gone and has this number: a person wrote it down, or one tip names both."""
        key = case.pk, number.pk
        if key not in self.numbered:
            handles = [one.identifier for one in near if one.identifier.platform == number.platform]
            self.numbered[key] = wanted.handles_of(case, number, handles) if handles else set()
        return [one for one in near if one.identifier.pk in self.numbered[key]]

    def _paid_before(self, case: Case, payment: Identifier, gone_at: datetime) -> bool:
        """Whether the case knew the payment before that was gone."""
        key = case.pk, payment.pk
        if key not in self.paid:
            links = Link.objects.filter(identifier=payment, joins=True, tip__case_tip__case=case)
            found = Finding.objects.filter(identifier=payment, case=case, role__in=JOINING_ROLES)
            times = [links.aggregate(t=Min("tip__received_at"))["t"], found.aggregate(t=Min("at"))["t"]]
            self.paid[key] = min((time for time in times if time), default=None)
        since = self.paid[key]
        return since is not None and since < gone_at

    def _confirmed(self, case: Case, row: Identifier, near: Sequence[Gone]) -> Iterator[Sign]:
        """A person saw or confirmed who owns it: what is gone, or something else of the same owner."""
        if not near:
            return
        if case.pk not in self.owned:
            self.owned[case.pk] = _owners(case)
        together = self.owned[case.pk].get(row.pk, set())
        for one in near:
            if one.identifier.pk in together and row.first_seen_at > one.gone_at:
                yield Sign("confirmed", row, one.identifier, [one])


def _fresh(rows: Sequence[Identifier], gone: Sequence[Gone], platform: str = "") -> list[Identifier]:
    """Accounts, groups and sites among these that nobody had named before those were gone."""
    if not gone:
        return []
    since = min(one.gone_at for one in gone)
    return [
        row
        for row in rows
        if row.kind in ("account", "group", "site", "channel")
        and row.first_seen_at > since
        and (not platform or (row.platform == platform and not wanted.is_number(row)))
    ]


def _owners(case: Case) -> dict[int, set[int]]:
    """What belongs together by owners that a person saw or confirmed, each with all the others."""
    rows = Observation.objects.filter(case=case, kind="owner", by__isnull=False, grade__in=SEEN)
    edges = rows.exclude(identifier=None).exclude(owner=None).values_list("identifier_id", "owner_id")
    groups: dict[int, set[int]] = defaultdict(set)
    for owned, owner in edges:
        if owned is not None and owner is not None:
            groups[owner] |= {owned, owner}
    together: dict[int, set[int]] = defaultdict(set)
    for group in groups.values():
        for one in group:
            together[one] |= group - {one}
    return together
