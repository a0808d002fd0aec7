"""For templates: the letter of a dispatch, as it leaves."""

from __future__ import annotations

from django import template

from tocsin.dispatch import queries, render
from tocsin.dispatch.models import Dispatch

register = template.Library()


@register.simple_tag
def letter(dispatch: Dispatch) -> render.Letter | None:
    """The message taken from its exact bytes, without the key of its reply link; None for a draft."""
    return queries.letter(dispatch) if dispatch.content_sealed else None


@register.simple_tag
def items(dispatch: Dispatch) -> list[dict[str, str]]:
    """Its identifiers, inert, with kind and platform by name."""
    rows = dispatch.items.select_related("identifier").order_by("pk")
    return [render.shown(row.identifier) for row in rows]
