"""QR codes of our own addresses, drawn here (segno): no service elsewhere learns of them."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str) -> SafeString:
    """Inline SVG without a style attribute; sized by the style sheet."""
    drawn = segno.make(text, error="m").svg_inline(scale=5, omitsize=True, lineclass=None, svgclass="qr")
    return mark_safe(drawn)  # noqa: S308 - segno's own drawing


def png(text: str) -> bytes:
    """A picture file, large enough for print."""
    held = io.BytesIO()
    segno.make(text, error="m").save(held, kind="png", scale=12)
    return held.getvalue()
