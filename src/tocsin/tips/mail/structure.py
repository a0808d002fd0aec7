"""BODYSTRUCTURE (RFC 3501, section 7.4.2) -> which parts hold words. Pure; believes nothing it reads.

Only inline `text/plain` and `text/html` are words. Whatever is marked as an attachment or carries a file name is
counted and never fetched, whatever it says it is. A forwarded mail (`message/rfc822`) is walked through: its words
count, and who wrote it is read from the envelope that the structure holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.tips.mail.words import header_text

MOST_NODES = 2_000  # parts looked at; a mail with more is cut there
MOST_TEXTS = 20  # text parts fetched from one mail
SIGNATURES = {"pgp-signature", "pkcs7-signature", "x-pkcs7-signature"}  # neither words nor pictures


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part worth fetching: its section number, and how its bytes become text."""

    section: str
    html: bool = False
    encoding: str = "7bit"
    charset: str = ""
    lead: str = ""  # who wrote the forwarded mail that it stands in, and its subject
    groups: frozenset[str] = frozenset()  # the multipart/alternative parts that it stands in


@dataclass(frozen=True, slots=True)
class Outline:
    """`texts` are fetched; `instead` (HTML beside plain text) only where they turn out blank.

    `kept_out` counts the parts that are not fetched: pictures, files, everything that is not words.
    """

    texts: tuple[TextPart, ...]
    instead: tuple[TextPart, ...] = ()
    kept_out: int = 0
    report: str = ""  # the report type of a multipart/report: delivery-status, disposition-notification ...


@dataclass(frozen=True, slots=True)
class _Place:
    """A node on its way through the walk: where it stands."""

    node: Any
    path: str
    lead: str = ""
    groups: frozenset[str] = frozenset()


def outline(structure: object) -> Outline:
    """Walk the structure without recursion: a mail nested a thousand deep is walked like any other."""
    texts: list[TextPart] = []
    kept_out, looked_at = 0, 0
    stack = [_root(structure)]
    while stack and looked_at < MOST_NODES:
        place = stack.pop()
        looked_at += 1
        inside = _inside(place)
        if inside is not None:
            stack.extend(reversed(inside))
            continue
        part = _text_part(place)
        if part:
            texts.append(part)
        elif _word(place.node, 1) not in SIGNATURES:
            kept_out += 1
    return _chosen(texts, kept_out + len(stack), _report_type(structure))


def _chosen(texts: Sequence[TextPart], kept_out: int, report: str) -> Outline:
    """HTML is left out where the same alternative holds plain text."""
    plain = frozenset[str]().union(*(part.groups for part in texts if not part.html))
    first = [part for part in texts if not (part.html and part.groups & plain)]
    instead = [part for part in texts if part.html and part.groups & plain]
    return Outline(tuple(first[:MOST_TEXTS]), tuple(instead[:MOST_TEXTS]), kept_out, report)


def _root(structure: object) -> _Place:
    # a mail of one part has the section number 1; the parts of a multipart begin at 1
    return _Place(structure, "" if _parts(structure) is not None else "1")


def _parts(node: Any) -> list[Any] | None:
    """The parts of a multipart node, as IMAPClient writes them (a list first) or as the server does."""
    if not isinstance(node, tuple) or not node:
        return None
    if isinstance(node[0], list):
        return list(node[0])
    if not isinstance(node[0], tuple):
        return None
    parts = []
    for entry in node:
        if not isinstance(entry, tuple):
            break
        parts.append(entry)
    return parts


def _inside(place: _Place) -> list[_Place] | None:
    """The places inside a multipart or a forwarded mail; None for a leaf."""
    parts = _parts(place.node)
    if parts is not None:
        own = {place.path or "0"} if _subtype(place.node) == "alternative" else set()
        groups = place.groups | own
        dot = f"{place.path}." if place.path else ""
        return [_Place(part, f"{dot}{number}", place.lead, groups) for number, part in enumerate(parts, 1)]
    if _word(place.node, 0) == "message" and _word(place.node, 1) == "rfc822" and len(place.node) > 8:
        body = place.node[8]
        lead = _lead(place.node[7])
        path = place.path if _parts(body) is not None else f"{place.path}.1"
        return [_Place(body, path, lead, place.groups)]
    return None


def _text_part(place: _Place) -> TextPart | None:
    node = place.node
    # a type without a subtype is broken, and broken means text/plain (RFC 2045, section 5.2)
    words = not _word(node, 1) or (_word(node, 0) == "text" and _word(node, 1) in ("plain", "html"))
    if not words or not isinstance(node, tuple) or _is_file(node):
        return None
    return TextPart(
        section=place.path,
        html=_word(node, 1) == "html",
        encoding=_word(node, 5) or "7bit",
        charset=_pairs(_at(node, 2)).get("charset", ""),
        lead=place.lead,
        groups=place.groups,
    )


def _is_file(node: Any) -> bool:
    """Marked as an attachment, or named like a file."""
    if "name" in _pairs(_at(node, 2)):
        return True
    disposition = _at(node, 9)
    if not isinstance(disposition, tuple):
        return False
    return _word(disposition, 0) == "attachment" or any(
        name.startswith("filename") for name in _pairs(_at(disposition, 1))
    )


def _subtype(node: Any) -> str:
    """Of a multipart: the first word after its parts."""
    return next((_lower(entry) for entry in node if isinstance(entry, bytes)), "")


def _report_type(structure: Any) -> str:
    if _parts(structure) is None or _subtype(structure) != "report":
        return ""
    pairs = [_pairs(entry) for entry in structure if isinstance(entry, tuple)]
    return next((found["report-type"] for found in pairs if "report-type" in found), "unknown").lower()


def _lead(envelope: Any) -> str:
    """Who wrote a forwarded mail and what it is called, from its envelope (date, subject, from, ...)."""
    writers = _at(envelope, 2)
    addresses = writers if isinstance(writers, tuple) else ()
    named = [f"{_raw(_at(one, 2))}@{_raw(_at(one, 3))}" for one in addresses[:3] if _at(one, 3)]
    subject = header_text(_raw(_at(envelope, 1)))
    lines = [f"From: {', '.join(named)}" if named else "", f"Subject: {subject}" if subject else ""]
    return "\n".join(line for line in lines if line)


def _at(node: Any, place: int) -> Any:
    return node[place] if isinstance(node, tuple) and len(node) > place else None


def _raw(value: Any) -> str:
    return value.decode("utf-8", "replace")[:1000] if isinstance(value, bytes) else ""


def _lower(value: Any) -> str:
    return value.decode("ascii", "replace").strip().lower() if isinstance(value, bytes) else ""


def _word(node: Any, place: int) -> str:
    return _lower(_at(node, place))


def _pairs(value: Any) -> dict[str, str]:
    """A flat list of names and values; what is neither is left out."""
    if not isinstance(value, tuple):
        return {}
    return {_lower(name): _raw(said) for name, said in zip(value[::2], value[1::2], strict=False)}
