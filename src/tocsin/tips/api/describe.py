"""What the intake API says about itself."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

from tocsin.tips.api.openapi import Described, page_of
from tocsin.tips.api.routes import api
from tocsin.tips.text import is_blank

PREFIX = "/api/v1"
SCOPES = {"send_tip": "tips:write", "send_batch": "tips:write", "read_status": "tips:read"}
ANSWERS = {"200": "A repeat: nothing was added.", "201": "Stored: on disk before this answer."}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document, as JSON values."""
    found = Described(api, PREFIX, SCOPES, ANSWERS).document()
    found["components"]["schemas"]["TipIn"]["properties"]["text"]["pattern"] = _something_seen()
    return found


@lru_cache(maxsize=1)
def page() -> dict[str, Any]:
    """The document as the page shows it."""
    return page_of(document())


def _something_seen() -> str:
    """A pattern for a text that is not blank (`tips/text.py`): one character that can be seen.

    Surrogates are left out, as no JSON text may hold half of a pair. It is written as ranges, as few tools know
    classes of Unicode.
    """
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code <= 0xDFFF or not is_blank(chr(code)):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return f"[^{''.join(f'{_escaped(first)}-{_escaped(last)}' for first, last in ranges)}]"


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else chr(code)
