"""No media, ever: a picture written as text (a data URI, or base64 of a picture's first bytes) is cut out."""

from __future__ import annotations

import re

CUT = "[picture removed]"
# A data URI of any media type; and base64 that begins like JPEG, PNG, GIF, WEBP/AVI, TIFF, HEIC/MP4, Matroska.
_SIGNS = re.compile(
    r"data:(?:image|video|audio|application/octet-stream)[a-z0-9.+/;=-]{0,80}?(?:;base64)?,[A-Za-z0-9+/=%_\r\n-]+"
    r"|(?<![A-Za-z0-9+/=])(?:/9j/|iVBORw0KGgo|R0lGOD|UklGR|SUkqAA|TU0AKg|AAAA[A-Za-z0-9+/]{2}Z0eX[A-D]|GkXfo)"
    r"[A-Za-z0-9+/]{60}[A-Za-z0-9+/\r\n]*={0,2}",
    re.IGNORECASE,
)
# lower case, as the signs are sought without regard to case
_HINTS = ("data:", "/9j/", "ivborw0kggo", "r0lgod", "uklgr", "sukqaa", "tu0akg", "z0ex", "gkxfo")
_SHORTEST = 64  # characters of a picture in base64; a data URI may be shorter


def without(text: str) -> tuple[str, int]:
    """The text with each picture replaced by a short note, and how many there were. Linear in its length."""
    lowered = text.lower()
    if "data:" not in lowered and (len(text) < _SHORTEST or not any(hint in lowered for hint in _HINTS)):
        return text, 0
    return _SIGNS.subn(CUT, text)
