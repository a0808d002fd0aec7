"""What is in a case: every identifier that its tips name or an analyst found, once, with its role.

Counting all of them is one question to the database. Only what is shown is loaded, and only a bounded number of
sealed ones is opened: `listing` is for pages, `identifiers_of` for whoever needs them all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from django.db import connection
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from tocsin.accounts.models import User
from tocsin.cases.models import Case, Finding
from tocsin.identifiers import bystanders
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import MentionRole
from tocsin.lib.ask import ask, time_of
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier

ROLE_ORDER = [role.value for role in MentionRole]
STRENGTH_ORDER = ["strong", "handle", "weak", "hub"]
SEALED_READ = 50  # sealed mentions that a page opens, the newest: the others are counted
PEOPLE = ("account", "group", "channel")
MOST_NAMED_READ = 40  # of the most named ones, to find those that are people


@dataclass(frozen=True, slots=True)
class CaseIdentifier:
    """One identifier of a case as the page shows it. `public_id` is what roles.set_role takes."""

    identifier: Identifier | None  # None: sealed, a child's or a reporter's
    sealed: bool
    shown: str  # inert text; of a sealed one only that it is sealed: showing it is an act of its own
    copy: str  # exact text, for the copy button; empty: sealed
    kind: str
    platform: str
    strength: str
    role: str
    role_by: str  # person, software, or "" where nobody said anything
    tips: int  # how many tips of this case name it
    cue: str  # self, victim, addressed: what the words beside it hint at
    public_id: str
    is_finding: bool
    confirmed_by: User | None = None
    listed: bool = False  # on the bystander list


@dataclass(slots=True)
class _Row:
    """What was said about one identifier, gathered from mentions and findings."""

    pk: int | None  # of a readable one, loaded when it is shown
    triple: tuple[str, str, str] = ("", "", "")  # of a sealed one
    strength: str = ""
    public_id: str = ""  # of a sealed one
    tips: int = 0
    cue: str = ""
    is_finding: bool = False
    role: str = ""
    set_by: int | None = None
    set_at: datetime | None = None

    def say(self, role: str, set_by: int | None, set_at: datetime | None) -> None:
        """The newest word of a person counts; of software's proposals, disagreement means unknown."""
        if set_by is not None and set_at is not None:
            if self.set_at is None or set_at > self.set_at:
                self.role, self.set_by, self.set_at = role, set_by, set_at
        elif self.set_by is None:
            self.role = role if self.role in ("", role) else MentionRole.UNKNOWN.value

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Reported first, then by role, strength and number of tips; of equal ones what was known first."""
        order = -1 if self.role == MentionRole.REPORTED else ROLE_ORDER.index(self.role)
        return order, STRENGTH_ORDER.index(self.strength), -self.tips, self.pk or 0


@dataclass(slots=True)
class Listing:
    """The identifiers of a case in their order, of which only what is asked for is loaded: takes `[a:b]`."""

    _rows: list[_Row]
    unopened: int  # sealed mentions that are only counted

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[CaseIdentifier]:
        return iter(self[:])

    @overload
    def __getitem__(self, part: int, /) -> CaseIdentifier: ...
    @overload
    def __getitem__(self, part: slice, /) -> list[CaseIdentifier]: ...
    def __getitem__(self, part: slice | int) -> list[CaseIdentifier] | CaseIdentifier:
        if isinstance(part, int):
            return _show([self._rows[part]])[0]
        return _show(self._rows[part])

    @property
    def any_reported(self) -> bool:
        """Whether anything is confirmed as reported: what can be told to somebody."""
        return bool(self._rows) and self._rows[0].role == MentionRole.REPORTED

    def most_named(self) -> list[CaseIdentifier]:
        """Whom the case is about, as far as the tips say: the two accounts and groups that most tips name."""
        aside = (MentionRole.BYSTANDER, MentionRole.REPORTER, MentionRole.CHILD)
        free = [row for row in self._rows if row.pk and row.role not in aside and row.strength != "hub"]
        free.sort(key=lambda row: (row.role != MentionRole.REPORTED, -row.tips))
        rows = [one for one in _show(free[:MOST_NAMED_READ]) if not one.listed]
        rows.sort(key=lambda one: (one.role != MentionRole.REPORTED, -one.tips))
        return ([one for one in rows if one.kind in PEOPLE] or rows)[:2]


def among(ids: Collection[int]) -> RawSQL:
    """A list of ids, however long, as one value of a query."""
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(ids))])
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def listing(case: Case) -> Listing:
    """What the pages show of a case: all identifiers counted and in order, the newest sealed mentions opened.

    Four queries, and three for each part that is taken.
    """
    return _listing(case, SEALED_READ)


def identifiers_of(case: Case) -> list[CaseIdentifier]:
    """Every identifier of the case, loaded and opened: reported first, then by role, strength and number of tips.

    At most seven queries, whatever the case; a storm makes many rows of it: pages take `listing`.
    """
    return _listing(case, None)[:]


def _listing(case: Case, most_sealed: int | None) -> Listing:
    rows: dict[int | str, _Row] = {}
    sealed = _mentions(case, rows)
    _sealed(sealed if most_sealed is None else sealed[:most_sealed], rows)
    _findings(case, rows)
    unopened = 0 if most_sealed is None else max(0, len(sealed) - most_sealed)
    return Listing(sorted(rows.values(), key=lambda row: row.rank), unopened)


def _mentions(case: Case, rows: dict[int | str, _Row]) -> list[int]:
    """Counts readable mentions by identifier; gives the ids of sealed ones, the newest first."""
    named = (
        "SELECT m.identifier_id, m.id FROM cases_casetip c JOIN tips_mention m ON m.tip_id = c.tip_id"
        " WHERE c.case_id = %s"
    )  # by indexes alone: what is said about each is asked for apart, as most say nothing
    found = ask(named, case.pk)
    count = Counter(identifier for identifier, _pk in found if identifier is not None)
    strengths = (
        ask("SELECT id, strength FROM identifiers_identifier WHERE id {among}", count) if count else []
    )
    rows |= {pk: _Row(pk, strength=strength, tips=count[pk]) for pk, strength in strengths}
    _said(case, rows)
    return sorted((pk for identifier, pk in found if identifier is None), reverse=True)


def _said(case: Case, rows: dict[int | str, _Row]) -> None:
    """Roles and cues. A mention about which nobody said anything is one of software's "unknown"."""
    said = (
        "SELECT m.identifier_id, m.role, m.role_set_by_id, m.cue, COUNT(*), MAX(m.role_set_at)"
        " FROM cases_casetip c JOIN tips_mention m ON m.tip_id = c.tip_id"
        " WHERE c.case_id = %s AND m.identifier_id IS NOT NULL"
        " AND (m.role <> 'unknown' OR m.cue <> '' OR m.role_set_by_id IS NOT NULL)"
        " GROUP BY m.identifier_id, m.role, m.role_set_by_id, m.cue"
    )
    silent = {pk: row.tips for pk, row in rows.items()}
    for identifier, role, set_by, cue, n, at in ask(said, case.pk):
        row = rows[identifier]
        silent[identifier] -= n
        row.cue = row.cue or cue
        row.say(role, set_by, None if at is None else time_of(at))
    for pk, n in silent.items():
        if n > 0:
            rows[pk].say(MentionRole.UNKNOWN.value, None, None)


def _sealed(ids: Collection[int], rows: dict[int | str, _Row]) -> None:
    """Sealed mentions: several tips may name the same child's account, so they are grouped by what is inside."""
    mentions = Mention.objects.filter(pk__in=among(ids)).order_by("pk") if ids else ()
    for mention in mentions:
        triple = open_identifier(mention.identifier_sealed or b"")
        row = rows.setdefault(
            f"sealed {key_of(*triple)}", _Row(None, triple, mention.strength, mention.public_id)
        )
        row.tips += 1
        row.cue = row.cue or mention.cue
        row.say(mention.role, mention.role_set_by_id, mention.role_set_at)


def sealed_mentions(case: Case) -> Iterable[Mention]:
    """The case's mentions whose identifier is sealed, oldest first."""
    return Mention.objects.filter(tip__case_tip__case=case, identifier__isnull=True).order_by("pk")


def _findings(case: Case, rows: dict[int | str, _Row]) -> None:
    findings = Finding.objects.filter(case=case).select_related("identifier")
    for finding in findings.order_by(F("role_set_at").asc(nulls_first=True), "pk"):
        if finding.identifier is not None:
            pk = finding.identifier.pk
            row = rows.setdefault(pk, _Row(pk, strength=finding.identifier.strength))
        else:
            triple = open_identifier(finding.identifier_sealed or b"")
            row = rows.setdefault(
                f"sealed {key_of(*triple)}", _Row(None, triple, "handle", finding.public_id)
            )
        row.is_finding = True
        row.say(finding.role, finding.role_set_by_id, finding.role_set_at)


def _show(rows: Sequence[_Row]) -> list[CaseIdentifier]:
    """Loads what these rows are about, in their order."""
    ids = [row.pk for row in rows if row.pk is not None]
    known = {one.pk: one for one in Identifier.objects.filter(pk__in=among(ids))} if ids else {}
    people = User.objects.in_bulk({row.set_by for row in rows if row.set_by is not None})
    triples = [_triple(row, known) for row in rows]
    listed = bystanders.covered(triples) if triples else []
    return [
        _one(row, triple, known.get(row.pk or 0), people, is_listed)
        for row, triple, is_listed in zip(rows, triples, listed, strict=True)
    ]


def _triple(row: _Row, known: dict[int, Identifier]) -> tuple[str, str, str]:
    if row.pk is None:
        return row.triple
    one = known[row.pk]
    return one.kind, one.platform, one.canonical


def _one(
    row: _Row,
    triple: tuple[str, str, str],
    identifier: Identifier | None,
    people: dict[int, User],
    listed: bool,
) -> CaseIdentifier:
    kind, platform, canonical = triple
    proposed = "software" if row.role != MentionRole.UNKNOWN else ""
    return CaseIdentifier(
        identifier=identifier,
        sealed=identifier is None,
        shown=display(kind, platform, canonical) if identifier else _("sealed"),
        copy=canonical if identifier else "",
        kind=kind,
        platform=platform,
        strength=identifier.strength if identifier else row.strength,
        role=row.role,
        role_by="person" if row.set_by is not None else proposed,
        tips=row.tips,
        cue=row.cue,
        public_id=identifier.public_id if identifier else row.public_id,
        is_finding=row.is_finding,
        confirmed_by=people.get(row.set_by) if row.set_by is not None else None,
        listed=listed,
    )


def named_here(case: Case, public_ids: Collection[str]) -> dict[str, Identifier]:
    """Those of these identifiers (a few public ids) that a tip of the case names or an analyst found. One query."""
    here = Q(mentions__tip__case_tip__case=case) | Q(findings__case=case)
    rows = Identifier.objects.filter(here, public_id__in=public_ids).distinct()
    return {row.public_id: row for row in rows}
