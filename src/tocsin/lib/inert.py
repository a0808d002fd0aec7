"""Free text made inert: nothing in a mail or page of ours can be clicked but our own links."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"\b(h)tt(ps?)(?=://)", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"\b(?!hxxp)([a-z][a-z0-9+.-]{1,20})://", re.IGNORECASE)
_DOT = re.compile(
    r"(?<=[^\W_])\.(?=[^\W\d_]{2,})"
)  # before letters: a host's or a mail domain's, not a decimal's
_AT = re.compile(r"(?<=[\w.+-])@(?=\w)")
_NUMBER_HOST = re.compile(r"\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b")


def inert(text: str) -> str:
    """Defang addresses in free text: `hxxp`, `[.]`, `[at]`. Other words stay as they are."""
    text = _SCHEME.sub(r"\1xx\2", text)
    text = _OTHER_SCHEME.sub(r"\1[://]", text)
    text = _NUMBER_HOST.sub(r"\1[.]\2[.]\3[.]\4", text)
    return _AT.sub("[at]", _DOT.sub("[.]", text))
