"""What a recipient answered in its own words: opened when the page of the dispatch is read, stored nowhere."""

from __future__ import annotations

from typing import Any

from django import template

from tocsin.dispatch.answers import reasons_of, words_of
from tocsin.dispatch.models import Dispatch
from tocsin.dispatch.replies import ItemAnswer, ReferralAnswer

register = template.Library()
LABELS = {choice.value: choice.label for choice in (*ItemAnswer, *ReferralAnswer)}


@register.inclusion_tag("dispatch/_answers.html")
def answers_of(dispatch: Dispatch) -> dict[str, Any]:
    """The last answer, the reason for each item, and the free texts, oldest first."""
    return {
        "last": LABELS.get(dispatch.last_answer, ""),
        "reasons": [(shown, LABELS.get(code, code), words) for shown, code, words in reasons_of(dispatch)],
        "words": words_of(dispatch),
    }
