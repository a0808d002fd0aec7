"""Big numbers with small units."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
NUMBER_UNIT = re.compile(r"(\d+)\s*([^\d\s]+)")


@register.filter
def small_units(text: str) -> str | SafeString:
    """ "2 h 57 min" with the units small; anything that is not numbers with units stays as it is."""
    pairs = NUMBER_UNIT.findall(text)
    if not pairs or NUMBER_UNIT.sub("", text).strip():
        return text
    return format_html("{}", format_html_join(" ", "{}<small>\u202f{}</small>", pairs))
