"""What a person of the hotline sees of one tip's reporter: the messages, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.accounts.models import User
from tocsin.lib import mailbox
from tocsin.lib.inert import inert
from tocsin.tips import marks, messages, silence, unusable
from tocsin.tips.messages import ASK, NO, YES, Box, Line
from tocsin.tips.models import Consent, Objection, ObjectionState, Tip, TipState
from tocsin.tips.text import shown


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A message ready for a page: its text is inert."""

    outward: bool
    sentence: str
    text: str
    at: datetime
    author: str
    fresh: bool  # nobody read it before


def line(one: Line) -> ShownLine:
    """As the console shows it."""
    sentences = {
        ASK: _("Asked: may the contact go to police?"),
        YES: _("The reporter answered: yes, the contact may go to police."),
        NO: _("The reporter answered: no, the contact may not go to police."),
    }
    fresh = not one.outward and one.read_at is None
    text = inert(shown(one.text))
    return ShownLine(one.outward, sentences.get(one.kind, ""), text, one.at, one.author, fresh)


def of_tip(tip: Tip, user: User, skip: int = 0) -> dict[str, Any]:
    """The context of the page. Reading the messages is recorded."""
    box, language = Box.of(tip), get_language() or "en"
    thread = messages.read_box(box.tag, user, f"tip:{tip.public_id}", skip)
    reason = unusable.reasons().get(tip.not_actionable_why)
    undecided = tip.state not in (TipState.NOT_ACTIONABLE, TipState.CLOSED)
    return {
        "tip": tip,
        "lines": [line(one) for one in thread.lines],
        "older": skip + messages.SHOWN if thread.older else 0,
        "reachable": bool(messages.reachable([box])),
        "silent": bool(silence.bound([box.tag])),
        "has_contact": tip.contact_sealed is not None,
        "consent": consent_words(tip),
        "may_ask": tip.contact_sealed is not None and tip.contact_consent in ("", Consent.ASKED),
        "reasons": [
            (one.code, one.words(language), bool(one.answers)) for one in unusable.reasons().values()
        ],
        "why": reason.words(language) if reason else "",
        "undecided": undecided,
        "mark": marks.of(tip),
        "markable": bool(tip.contact_tag or tip.sender_tag),
        "mark_reasons": marks.REASONS,
        "token": mailbox.new_token(),
        "most": messages.MAX_CHARACTERS,
    }


def consent_words(tip: Tip) -> str:
    """How it stands with the contact, in words; empty where none was left."""
    if tip.contact_sealed is None:
        return ""
    words = {
        "": _("not asked"),
        Consent.ASKED.value: _("asked, not answered yet"),
        Consent.YES.value: _("yes, it may go to police"),
        Consent.NO.value: _("no, it may not go to police"),
    }
    return words[tip.contact_consent]


def objection_state(objection: Objection) -> str:
    """In words."""
    words = {
        ObjectionState.RECEIVED.value: _("waits for somebody"),
        ObjectionState.OPENED.value: _("being looked at"),
        ObjectionState.ANSWERED.value: _("answered"),
        ObjectionState.CLOSED.value: _("closed"),
    }
    return words[objection.state]
