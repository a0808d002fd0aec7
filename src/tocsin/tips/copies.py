"""The reporter's copy: the little that the door may show to whoever holds the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils import timezone

from tocsin.lib import mailbox
from tocsin.lib.rows import new
from tocsin.lib.sealing import SealBroken
from tocsin.tips.models import ReporterCopy, Tip, TipState

RECEIVED, LOOKING, LOOKED = "received", "looking", "looked"
STAGES = (RECEIVED, LOOKING, LOOKED)
_STAGE = {TipState.RECEIVED: RECEIVED, TipState.OPENED: LOOKING}


@dataclass(frozen=True, slots=True)
class Status:
    """What a reporter sees: a stage of three, and the code of a sentence once a person released it."""

    stage: str
    outcome: str


def row(tip: Tip) -> ReporterCopy:
    """The copy of a tip as it is now, not yet saved. Needs the receipt's public key only."""
    value = {"stage": _STAGE.get(TipState(tip.state), LOOKED), "outcome": tip.outcome}
    sealed = mailbox.seal_copy(tip.mailbox_key, value)
    return new(
        ReporterCopy, tag=tip.mailbox_tag, box_tag=tip.box_tag, sealed=sealed, updated_at=timezone.now()
    )


def read(receipt: str) -> Status | None:
    """The status behind a receipt, or None.

    One tag, one query and one attempt at opening, whether the receipt exists or not: where there is no row, a
    copy made for a key that nobody holds is tried.
    """
    nobodys = _nobodys()
    found = ReporterCopy.objects.filter(tag=mailbox.tag(receipt)).values_list("sealed", flat=True).first()
    try:
        value = mailbox.open_copy(receipt, nobodys if found is None else found)
    except SealBroken:
        return None
    if not isinstance(value, dict):
        return None
    return Status(str(value.get("stage", RECEIVED)), str(value.get("outcome", "")))


@lru_cache(maxsize=1)
def _nobodys() -> bytes:
    return mailbox.seal_copy(mailbox.public_key(mailbox.new_token()), {"stage": RECEIVED, "outcome": ""})
