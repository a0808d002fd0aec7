"""What the API of cases takes and gives: the values of `cases/export.py`, described."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tocsin.cases.models import CaseState, Lane

MOST = 200  # rows a page
TIPS = 500  # tips a split names
NUMBER = r"^[0-9]{4}-[0-9]{6}$"
ID = r"^[0-9a-z]{12}$"

Number = Annotated[
    str, Path(pattern=NUMBER, max_length=11, description="A case number; an old one leads on.")
]
ChangeId = Annotated[str, Path(pattern=ID, max_length=12, description="Public id of the change.")]
LaneCode = Annotated[
    str, Query(pattern=f"^(?:{'|'.join(Lane.values)})?$", description="One lane; empty: all.")
]
StateCode = Annotated[
    str,
    Query(
        pattern=f"^(?:{'|'.join(code for code in CaseState.values if code != 'merged')})?$",
        description="One state; empty: all but closed.",
    ),
]
Search = Annotated[
    str,
    Query(
        max_length=2000, description="A case number or its beginning, or anything that names an identifier."
    ),
]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="From 1 on.")]
PageSize = Annotated[int, Query(ge=1, le=MOST, description=f"Rows a page, at most {MOST}.")]

CaseNumber = Annotated[str, Field(pattern=NUMBER, max_length=11)]
PublicId = Annotated[str, Field(pattern=ID, max_length=12)]
Reason = Annotated[
    str,
    Field(
        min_length=1, max_length=2000, description="Why, in a few words. Sealed; whoever undoes it reads it."
    ),
]


class Strict(BaseModel):
    """An object without fields that we do not know."""

    model_config = ConfigDict(extra="forbid")


class MergeIn(Strict):
    """The other case, and why the two are one."""

    other: CaseNumber
    reason: Reason


class SplitIn(Strict):
    """The tips that become a case of their own."""

    tips: list[PublicId] = Field(min_length=1, max_length=TIPS, description="Public ids of tips of the case.")
    reason: Reason


class MoveIn(Strict):
    """One tip, and the case to which it goes."""

    tip: PublicId
    to: CaseNumber
    reason: Reason


class DetachIn(Strict):
    """An identifier that joins nothing in this case from now on."""

    identifier: PublicId
    reason: Reason


class CutIn(Strict):
    """Why the case is parted along its links as they are now."""

    reason: Reason


class ReasonOut(BaseModel):
    """A signal of the case's lane."""

    signal: str
    tips: int
    sentence: str = Field(description="In the language of Accept-Language.")


class CaseLine(BaseModel):
    """A case as a list shows it."""

    number: str
    state: str
    lane: str = Field(description="immediate, high, normal or low.")
    urgency: int
    actionability: int = Field(description="0 to 100.")
    reporters: str = Field(
        description="Independent reporters; those of whom it is unknown count half. A decimal."
    )
    reasons: list[ReasonOut]
    tips: int
    opened_at: str
    first_received_at: str
    last_received_at: str
    seen_at: str | None = Field(description="When a person first opened it.")
    worked_on: bool = Field(description="True: it is merged by two people only.")


class IdentifierOut(BaseModel):
    """An identifier of a case. Of a sealed one (a child's, a reporter's) nothing is said."""

    id: str
    sealed: bool
    kind: str
    platform: str
    canonical: str
    strength: str
    role: str
    role_by: str = Field(description="person, software, or empty.")
    tips: int
    finding: bool
    bystander: bool


class FlagOut(BaseModel):
    """A question that waits for a person."""

    id: str
    kind: str
    about: str
    at: str


class ProposalOut(BaseModel):
    """A merge that waits for people. `draft`: software's; `proposed`: a person's, for a second one."""

    id: str
    state: str
    one: str
    other: str
    because: list[str] = Field(description="Public ids of the identifiers.")
    made_at: str


class CaseWhole(CaseLine):
    """A case with what is in it. `number` is the one that lives on, also where an old number was asked for."""

    actionable_because: list[str] = Field(description="What there is to act on, in words, with its points.")
    old_numbers: list[str]
    identifiers: list[IdentifierOut]
    flags: list[FlagOut]
    proposals: list[ProposalOut]


class TipOut(BaseModel):
    """A tip of a case, and why it is there. Its text is read in the console only."""

    id: str
    state: str
    source: str
    language: str
    danger: str
    received_at: str
    joined_at: str
    because: list[str]
    why: str


class EventOut(BaseModel):
    """A line of the timeline."""

    at: str
    kind: str
    sentence: str
    by: str
    facts: dict[str, Any]


class ChangeOut(BaseModel):
    """A merge, a split, a move, an identifier detached, a cut."""

    id: str
    kind: str
    case: str
    other: str | None
    at: str
    undone_at: str | None


class ChangeLine(ChangeOut):
    """The same in words, and whether it can be undone now."""

    sentence: str
    may_undo: bool
    why_not: str


class Document(BaseModel):
    """Every answer says what it is."""

    model_config = ConfigDict(serialize_by_alias=True)

    kind: str = Field(alias="schema")
    version: int


class Paged(Document):
    """One page of a list."""

    total: int
    page: int
    pages: int


class CasesOut(Paged):
    """A page of the queue: immediate first."""

    cases: list[CaseLine]


class CaseOut(Document):
    """One case."""

    case: CaseWhole


class TipsOut(Paged):
    """The tips of a case, oldest first."""

    tips: list[TipOut]


class TimelineOut(Paged):
    """What happened to a case, newest first."""

    events: list[EventOut]


class ChangesOut(Document):
    """The latest changes of a case, newest first."""

    changes: list[ChangeLine]


class DoneOut(Document):
    """What an act gave."""

    proposed: bool = Field(description="True: nothing is changed yet; another person decides.")
    proposal: ProposalOut | None
    changes: list[ChangeOut]
