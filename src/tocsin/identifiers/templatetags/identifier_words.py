"""Codes of identifiers and of the bystander list in words."""

from __future__ import annotations

from django import template

from tocsin.identifiers.catalogue_in_use import in_use
from tocsin.identifiers.forms import REASONS
from tocsin.identifiers.kinds import kind_name

register = template.Library()


@register.filter
def kind_words(kind: str) -> str:
    """The kind of an identifier in the reader's language."""
    return kind_name(kind)


@register.filter
def platform_words(platform: str) -> str:
    """A platform's title; nothing for the open web, mail and telephone, whose kind says it already."""
    if platform in ("", "web", "email", "phone", "unknown"):
        return ""
    known = in_use().platforms.get(platform)
    return known.title if known else platform


@register.filter
def bystander_reason(code: str) -> str:
    """Why something is on the list, in words; an unknown reason as it is."""
    return str(dict(REASONS).get(code, code))
