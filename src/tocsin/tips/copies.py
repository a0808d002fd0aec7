"""The reporter's copy: the little that the door may show to whoever holds the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tocsin.lib import mailbox
from tocsin.lib.rows import new
from tocsin.lib.sealing import SealBroken
from tocsin.tips.models import Objection, ObjectionState, ReporterCopy, Tip, TipState

RECEIVED, LOOKING, LOOKED = "received", "looking", "looked"
STAGES = (RECEIVED, LOOKING, LOOKED)
TIPS_SHOWN = 20  # of a mailbox, the newest: the work of one look is bounded
_STAGE = {TipState.RECEIVED: RECEIVED, TipState.OPENED: LOOKING}
_STAGE_OF_OBJECTION = {ObjectionState.RECEIVED: RECEIVED, ObjectionState.OPENED: LOOKING}


@dataclass(frozen=True, slots=True)
class Status:
    """What a reporter sees: a stage of three, and the code of a sentence once a person released it."""

    stage: str
    outcome: str = ""
    at: datetime | None = None  # when it was received
    objection: bool = False


def row(tip: Tip) -> ReporterCopy:
    """The copy of a tip as it is now, not yet saved. Needs the receipt's public key only."""
    stage = _STAGE.get(TipState(tip.state), LOOKED)
    value = {"stage": stage, "outcome": tip.outcome, "at": _minute(tip.received_at)}
    sealed = mailbox.seal_copy(tip.mailbox_key, value)
    return new(
        ReporterCopy, tag=tip.mailbox_tag, box_tag=tip.box_tag, sealed=sealed, updated_at=timezone.now()
    )


def row_of_objection(objection: Objection) -> ReporterCopy:
    """The copy of an objection as it is now, not yet saved."""
    stage = _STAGE_OF_OBJECTION.get(ObjectionState(objection.state), LOOKED)
    value = {"stage": stage, "outcome": "", "at": _minute(objection.received_at), "objection": True}
    tag = objection.box_tag
    sealed = mailbox.seal_copy(objection.mailbox_key, value)
    return new(ReporterCopy, tag=tag, box_tag=tag, sealed=sealed, updated_at=timezone.now())


def of_box(receipt: str) -> list[Status]:
    """All that was sent to the mailbox of this receipt, newest first; empty where there is no such mailbox.

    One tag, one query and at least one attempt at opening, whether the receipt exists or not: where there is no
    row, a copy made for a key that nobody holds is tried. At most `TIPS_SHOWN` are opened.
    """
    rows = ReporterCopy.objects.filter(box_tag=mailbox.tag(receipt)).order_by("-pk")
    sealed = list(rows.values_list("sealed", flat=True)[:TIPS_SHOWN]) or [_nobodys()]
    opened = (_opened(receipt, one) for one in sealed)
    return [one for one in opened if one is not None]


def read(receipt: str) -> Status | None:
    """The status of the newest thing in the mailbox of this receipt, or None."""
    return next(iter(of_box(receipt)), None)


def _opened(receipt: str, sealed: bytes | memoryview) -> Status | None:
    try:
        value = mailbox.open_copy(receipt, sealed)
    except SealBroken:
        return None
    return _status(value) if isinstance(value, dict) else None


def _status(value: Mapping[str, object]) -> Status:
    at = parse_datetime(str(value.get("at") or ""))
    stage, outcome = str(value.get("stage", RECEIVED)), str(value.get("outcome", ""))
    return Status(stage, outcome, at, bool(value.get("objection")))


def _minute(at: datetime) -> str:
    return at.replace(second=0, microsecond=0).isoformat()


@lru_cache(maxsize=1)
def _nobodys() -> bytes:
    value = {"stage": RECEIVED, "outcome": "", "at": _minute(timezone.now())}
    return mailbox.seal_copy(mailbox.public_key(mailbox.new_token()), value)
