"""For templates: the letter of a dispatch, as it leaves.

The imports stand inside: Django loads every tag library in every process, also in the door, which reads no letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

if TYPE_CHECKING:
    from tocsin.dispatch.models import Dispatch
    from tocsin.dispatch.render import Letter

register = template.Library()


@register.simple_tag
def letter(dispatch: Dispatch) -> Letter | None:
    """The message taken from its exact bytes, without the key of its reply link; None for a draft."""
    from tocsin.dispatch import queries

    return queries.letter(dispatch) if dispatch.content_sealed else None


@register.simple_tag
def items(dispatch: Dispatch) -> list[dict[str, str]]:
    """Its identifiers, inert, with kind and platform by name."""
    from tocsin.dispatch.render import shown

    rows = dispatch.items.select_related("identifier").order_by("pk")
    return [shown(row.identifier) for row in rows]
