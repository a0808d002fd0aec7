"""A proposed merge on the approvals page, which knows only the proposal."""

from __future__ import annotations

from django import template

from tocsin.cases.evidence import Comparison, compare
from tocsin.cases.models import MergeProposal
from tocsin.lib import sealing

register = template.Library()


@register.simple_tag
def comparison(item: MergeProposal) -> Comparison:
    """The two cases side by side."""
    return compare(item.one, item.other, item.because)


@register.filter
def opened(sealed: bytes | None) -> str:
    """A reason, opened for the person who decides."""
    return sealing.unseal(sealed)
