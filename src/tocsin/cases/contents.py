"""What is in a case: every identifier that its tips name or an analyst found, once, with its role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max
from django.utils.translation import gettext as _

from tocsin.accounts.models import User
from tocsin.cases.models import Case, Finding
from tocsin.identifiers import bystanders
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import MentionRole
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier

ROLE_ORDER = [role.value for role in MentionRole]
STRENGTH_ORDER = ["strong", "handle", "weak", "hub"]


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

    identifier: Identifier | None
    triple: tuple[str, str, str]
    strength: str
    public_id: str
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


def identifiers_of(case: Case) -> list[CaseIdentifier]:
    """Every identifier of the case: reported first, then by role, strength and number of tips.

    Mentions are counted by the database; only sealed ones are opened. At most six queries, whatever the case.
    """
    rows: dict[str, _Row] = {}
    _readable(case, rows)
    _sealed(case, rows)
    _findings(case, rows)
    people = User.objects.in_bulk({row.set_by for row in rows.values() if row.set_by is not None})
    listed = bystanders.covered([row.triple for row in rows.values()])
    found = [_show(row, people, is_listed) for row, is_listed in zip(rows.values(), listed, strict=True)]
    return sorted(found, key=_order)


def _order(one: CaseIdentifier) -> tuple[int, int, int, str]:
    order = -1 if one.role == MentionRole.REPORTED else ROLE_ORDER.index(one.role)
    return order, STRENGTH_ORDER.index(one.strength), -one.tips, one.shown


def _show(row: _Row, people: dict[int, User], listed: bool) -> CaseIdentifier:
    kind, platform, canonical = row.triple
    person = people.get(row.set_by) if row.set_by is not None else None
    proposed = "software" if row.role != MentionRole.UNKNOWN else ""
    return CaseIdentifier(
        identifier=row.identifier,
        sealed=row.identifier is None,
        shown=display(kind, platform, canonical) if row.identifier else _("sealed"),
        copy=canonical if row.identifier else "",
        kind=kind,
        platform=platform,
        strength=row.strength,
        role=row.role,
        role_by="person" if row.set_by is not None else proposed,
        tips=row.tips,
        cue=row.cue,
        public_id=row.public_id,
        is_finding=row.is_finding,
        confirmed_by=person,
        listed=listed,
    )


def _readable(case: Case, rows: dict[str, _Row]) -> None:
    mentions = Mention.objects.filter(tip__case_tip__case=case, identifier__isnull=False).order_by()
    groups = mentions.values("identifier_id", "role", "role_set_by_id", "cue").annotate(
        n=Count("pk"), at=Max("role_set_at")
    )
    said = list(groups)
    known = Identifier.objects.in_bulk({group["identifier_id"] for group in said})
    for group in said:
        row = _row_of(rows, known[group["identifier_id"]])
        row.tips += group["n"]
        row.cue = row.cue or group["cue"]
        row.say(group["role"], group["role_set_by_id"], group["at"])


def _row_of(rows: dict[str, _Row], identifier: Identifier) -> _Row:
    triple = (identifier.kind, identifier.platform, identifier.canonical)
    return rows.setdefault(
        identifier.key, _Row(identifier, triple, identifier.strength, identifier.public_id)
    )


def _sealed(case: Case, rows: dict[str, _Row]) -> None:
    """Sealed mentions: several tips may name the same child's account, so they are grouped by what is inside."""
    for mention in sealed_mentions(case):
        triple = open_identifier(mention.identifier_sealed or b"")
        key = f"sealed {key_of(*triple)}"
        row = rows.setdefault(key, _Row(None, triple, mention.strength, mention.public_id))
        row.tips += 1
        row.cue = row.cue or mention.cue
        row.say(mention.role, mention.role_set_by_id, mention.role_set_at)


def sealed_mentions(case: Case) -> Iterable[Mention]:
    """The case's mentions whose identifier is sealed, oldest first."""
    return Mention.objects.filter(tip__case_tip__case=case, identifier__isnull=True).order_by("pk")


def _findings(case: Case, rows: dict[str, _Row]) -> None:
    findings = Finding.objects.filter(case=case).select_related("identifier")
    for finding in findings.order_by(F("role_set_at").asc(nulls_first=True), "pk"):
        if finding.identifier is not None:
            row = _row_of(rows, finding.identifier)
        else:
            triple = open_identifier(finding.identifier_sealed or b"")
            row = rows.setdefault(
                f"sealed {key_of(*triple)}", _Row(None, triple, "handle", finding.public_id)
            )
        row.is_finding = True
        row.say(finding.role, finding.role_set_by_id, finding.role_set_at)
