"""Codes in words, and identifiers inert, for the console's templates."""

from __future__ import annotations

import re

from django import template
from django.utils import timezone

from tocsin.cases import graph_words, queries, signals, subject, words
from tocsin.cases.kinds import LANGUAGES
from tocsin.cases.models import Case
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier
from tocsin.linking.models import Link

register = template.Library()

EVENT_CLASSES = {
    "in": ("opened", "opened_by_hand", "tips_joined", "merged", "lane_raised"),
    "out": (
        "dispatch_queued",
        "dispatch_sent",
        "dispatch_delivered",
        "plan_released",
        "outcome_released",
        "reporters_asked",
    ),
    "reply": ("answered", "all_gone", "arrested"),
    "stop": ("hold_set", "hold_confirmed", "dispatch_failed", "dispatch_rejected", "dispatch_withdrawn"),
}
EVENT_CLASS = {kind: name for name, kinds in EVENT_CLASSES.items() for kind in kinds}


@register.filter
def word(code: str, table: str) -> str:
    """`code|word:"kind"`: a code in words, see cases/words.py."""
    return words.word(table, code or "")


@register.filter
def menu_word(code: str, name: str) -> str:
    """An option of the public form's menus."""
    return words.menu_word(name, code)


@register.filter
def platform(code: str) -> str:
    """A platform's title."""
    return words.platform(code)


@register.filter
def city(key: str) -> str:
    """A city's name."""
    return words.city(key)


@register.filter
def country(code: str) -> str:
    """A country's name."""
    return words.country(code)


@register.filter
def inert(identifier: Identifier) -> str:
    """An identifier as text that nothing turns into a link."""
    return display(identifier.kind, identifier.platform, identifier.canonical)


@register.filter
def softened(text: str, kind: str) -> str:
    """A piece of a narrative that names an identifier, so that nothing turns it into a link."""
    if kind in ("site", "url", "email") or "://" in text:
        text = re.sub(
            r"(?i)\bh(tt|ＴＴ)ps?(?=://)", lambda found: found[0].replace("t", "x").replace("T", "X"), text
        )
        return re.sub(r"(?<=\w)\.(?=\w)", "[.]", text).replace("@", "[at]" if kind == "email" else "@")
    return text


@register.filter
def why_joined(link: Link) -> str:
    """By which rule a link joins, or why not."""
    return graph_words.rule(link.rule, link.joins)


@register.filter
def signal(name: str) -> str:
    """A reason of a lane as a sentence."""
    return signals.sentence(name, words.language())


@register.filter
def reporters(case: Case) -> str:
    """How many independent reporters, in words."""
    return queries.reporters_sentence(case)


@register.filter
def event_class(kind: str) -> str:
    """in, out, reply, stop or nothing: how the timeline draws an event."""
    return EVENT_CLASS.get(kind, "")


@register.filter
def language_name(code: str) -> str:
    """A language's name."""
    return str(LANGUAGES.get(code.partition("-")[0], code)) if code else ""


@register.filter
def subject_word(code: str, table: str) -> str:
    """A subject's role or legal basis in words."""
    return subject.words(table, code)


@register.filter
def subject_is_due(case: Case) -> bool:
    """Whether a person must say that the subject is still needed."""
    return case.subject_review_on is not None and case.subject_review_on <= timezone.localdate()
