"""What the API takes and gives. The descriptions are what a developer reads in the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from tocsin.tips import menus
from tocsin.tips.accept import MAX_BYTES

MOST = 500  # tips in a batch
RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-]\d\d:\d\d))", re.ASCII)


def _codes(name: str) -> list[str]:
    return [code for code, _label in menus.menu(name, "en").options]


def _among(codes: Sequence[str]) -> AfterValidator:
    """One of these codes, or an empty text for not answered."""

    def known(value: str) -> str:
        if value and value not in codes:
            raise ValueError(f"One of these is wanted: {', '.join(codes)}; or an empty text.")
        return value

    return AfterValidator(known)


def _listed(codes: Sequence[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": ["", *codes]})


def moment(value: object) -> datetime | None:
    """RFC 3339 with its offset, in UTC. What no calendar here can hold is kept at its edge. Raises `ValueError`."""
    if value is None:
        return None
    found = RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("A date and time by RFC 3339 is wanted, with its offset: 2026-11-24T10:00:00+08:00.")
    day, clock, second, fraction, offset = found.groups()
    leap = second == "60"
    try:
        written = f"{day}T{clock}:{'59' if leap else second}{(fraction or '.0')[:7]}{offset or '+00:00'}"
        at = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError("There is no such date or time.") from None
    try:
        return (at + timedelta(seconds=leap)).astimezone(UTC)
    except OverflowError:
        return (datetime.min if at.year < 5000 else datetime.max).replace(tzinfo=UTC)


Moment = Annotated[
    datetime | None,
    BeforeValidator(moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}),
]
WHERE, WHAT = _codes("where"), _codes("what")
Where = Annotated[str, _among(WHERE), _listed(WHERE)]
What = Annotated[str, _among(WHAT), _listed(WHAT)]
Danger = Annotated[str, _among(menus.DANGER), _listed(menus.DANGER)]
About = Annotated[str, _among(menus.ABOUT), _listed(menus.ABOUT)]


class Strict(BaseModel):
    """An object without fields that we do not know: a misspelt `danger` must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class TipIn(Strict):
    """One tip. Only `text` must be there; an empty text in another field means: not answered."""

    text: str = Field(
        min_length=1,
        max_length=MAX_BYTES,
        description=f"What was seen: names, addresses, words; at most {MAX_BYTES:,} bytes in UTF-8, and not blank. "
        "Never a picture: one that is written as text is cut out.",
        json_schema_extra={
            "examples": ["The shop kiln.example sells albums."],
        },
    )
    contact: str = Field("", max_length=1000, description="How the reporter can be reached. Sealed.")
    where: Where = Field("", description="Where it was seen.")
    what: What = Field("", description="What it is about.")
    danger: Danger = Field("", description="Whether a child is in danger now.")
    about: About = Field(
        "", description="Whether it is about the reporter, or a person known to the reporter."
    )
    place: str = Field(
        "",
        pattern=r"^(?:[A-Za-z]{2})?$",
        description="The country that it is about: ISO 3166-1, two letters.",
    )
    city: str = Field("", max_length=200, description="The city that it is about. Sealed.")
    sender: str = Field(
        "", max_length=200, description="A pseudonym of who wrote it, where you pass it on. Sealed."
    )
    language: str = Field("", pattern=r"^[A-Za-z0-9-]{0,10}$", description="Language of the text: BCP 47.")
    occurred_at: Moment = Field(
        None,
        description="When it was seen or written, by RFC 3339 with an offset. A doubtful time is kept and marked.",
    )
    campaign: str = Field(
        "",
        max_length=40,
        description="Name of a running campaign. Ignored if it is unknown, or the key has its own.",
    )


class BatchIn(Strict):
    """Several tips, stored all or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"tips": [{"text": "The shop kiln.example sells albums."}]}]},
    )

    tips: list[TipIn] = Field(min_length=1, max_length=MOST, description=f"1 to {MOST} tips.")


class Taken(BaseModel):
    """A tip that is on disk."""

    id: str = Field(description="Public id of the tip: 12 characters.")
    receipt: str = Field(
        description="Opens the mailbox of the tip. Give it to the reporter, keep it nowhere else: it cannot be replaced."
    )
    new: bool = Field(description="False if this is a repeat of what was stored before.")


class BatchTaken(BaseModel):
    """The tips of a batch, in its order."""

    tips: list[Taken]


class State(BaseModel):
    """What the holder of a receipt may know about one thing that was sent."""

    stage: str = Field(description="received, looking or looked.")
    outcome: str = Field(description="A code, once a person released it; else empty.")
    received_at: datetime | None = Field(description="To the minute, in UTC.")


class States(BaseModel):
    """Everything in the mailbox, newest first."""

    tips: list[State]


class Error(BaseModel):
    """What is wrong at one place."""

    pointer: str = Field(description="JSON pointer into the body (#/tips/3/text), or header:NAME.")
    detail: str


class ProblemOut(BaseModel):
    """Problem details (RFC 9457). No word of the request is repeated."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Error] = []
