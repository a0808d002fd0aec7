"""Reading tips: what is sealed is opened here, and reading it by a person is recorded."""

from __future__ import annotations

from typing import Any

from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.tips import bodies
from tocsin.tips.models import Consent, Mention, Reading, Tip
from tocsin.tips.text import shown

Piece = tuple[str, Mention | None]


def narrative(tip: Tip, user: User | None = None) -> str:
    """What the reporter wrote, as sent. With a user the reading is recorded; without one software reads."""
    if user is not None:
        _recorded(tip, user, "tip.read")
    return bodies.text_of(tip)


def contact(tip: Tip, user: User | None = None) -> str:
    """How the reporter may be reached, or an empty text. With a user the reading is recorded."""
    if user is not None and tip.contact_sealed is not None:
        _recorded(tip, user, "tip.contact_read")
    return sealing.unseal(tip.contact_sealed)


def contact_for_police(tip: Tip, user: User) -> str:
    """The contact, only where the reporter said in the mailbox that it may go to police; else an empty text."""
    return contact(tip, user) if tip.contact_consent == Consent.YES else ""


def city(tip: Tip) -> str:
    """The city that came beside the text, as it was written."""
    return sealing.unseal(tip.city_sealed)


def facts(tip: Tip) -> dict[str, list[Any]]:
    """What else was read in the text: `observations` (dicts of Observation) and `cities` (keys of places)."""
    reading = Reading.objects.filter(tip=tip).first()
    found = sealing.unseal_json(reading.facts_sealed) if reading else None
    return found or {"observations": [], "cities": []}


def marked(tip: Tip, user: User | None = None) -> list[Piece]:
    """The narrative in pieces safe to show, each with its mention, or None for the words between."""
    text = narrative(tip, user)
    pieces: list[Piece] = []
    at = 0
    for mention in tip.mentions.select_related("identifier").order_by("start", "-end", "pk"):
        if mention.start < at or mention.end > len(text):
            continue  # a site inside its address: the longer span is shown
        if mention.start > at:
            pieces.append((shown(text[at : mention.start]), None))
        pieces.append((shown(text[mention.start : mention.end]), mention))
        at = mention.end
    if at < len(text):
        pieces.append((shown(text[at:]), None))
    return pieces


def _recorded(tip: Tip, user: User, action: str) -> None:
    with write():
        record(user.actor, action, f"tip:{tip.public_id}")
