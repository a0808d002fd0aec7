"""Hubs in the words of a page."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier
from tocsin.lib import sealing
from tocsin.linking import degree

register = template.Library()


@register.filter
def inert_text(identifier: Identifier) -> str:
    """An identifier as text that nothing turns into a link."""
    return display(identifier.kind, identifier.platform, identifier.canonical)


@register.filter
def companions_now(identifier: Identifier) -> int:
    """With how many different things tips name it together."""
    return degree.companions([identifier.pk]).get(identifier.pk, 0)


@register.filter
def opened_reason(sealed: bytes | None) -> str:
    """A reason, opened for the person who decides."""
    return sealing.unseal(sealed)


@register.filter
def hub_why(code: str) -> str:
    """By degree, or by people."""
    return {"degree": _("by its degree"), "person": _("by two people")}.get(code, code)
