"""The walk of one text: clean it, find addresses, payments, numbers, handles; then hints and observations."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .catalogue import Catalogue, load_catalogue
from .handles import scan_fediverse, scan_handles, scan_patterns
from .links import scan_links
from .model import MAX_CHARACTERS, Extraction, Found, Match, Observation
from .observations import Fact, has_number, scan_observations
from .payments import scan_payments
from .phones import scan_phones
from .prepass import Clean, clean
from .roles import hints
from .words import top_level_domains

DIGIT = re.compile("[0-9]")


def extract(text: str, *, catalogue: Catalogue | None = None) -> Extraction:
    """All identifiers and observations of a text.

    Reads at most 65,536 characters (`truncated` says that there were more), in time linear in them. Never
    raises on any str. The same (kind, platform, canonical) is given once, with its first span.
    """
    catalogue = catalogue or load_catalogue()
    truncated = len(text) > MAX_CHARACTERS
    raw = text[:MAX_CHARACTERS] if truncated else text
    ready = clean(raw, top_level_domains())
    matches, rest = _matches(catalogue, ready.text)
    found = _found(catalogue, raw, ready, matches) if matches else ()
    facts = scan_observations(catalogue.words, rest, matches) if has_number(rest) else []
    observations = tuple(_observation(raw, ready, fact) for fact in facts)
    return Extraction(found, observations, catalogue.version, truncated)


def _matches(catalogue: Catalogue, text: str) -> tuple[list[Match], str]:
    """Every match of a cleaned text, in order, and the text with all of them blanked out."""
    matches: list[Match] = []
    rest = text

    def take(new: list[Match]) -> None:
        nonlocal rest
        if new:
            matches.extend(new)
            rest = _blank(rest, new)

    if "@" in rest:
        take(scan_fediverse(rest))
    take(scan_patterns(catalogue, rest))
    if "." in rest or "://" in rest:
        take(scan_links(catalogue, rest))
    digits = DIGIT.search(rest) is not None
    if digits and len(rest) >= 13:
        take(scan_payments(catalogue, rest))
    mails = {match.start: match for match in matches if match.hit.kind == "email"} if "@" in text else {}
    if not matches or rest.count("\x00") < len(rest) - 2:
        take(scan_handles(catalogue, rest, mails))
    if digits and ("+" in rest or "00" in rest):
        take(scan_phones(rest))
    if len(matches) > 1:
        matches.sort(key=lambda match: match.start)
    return matches, rest


def _blank(text: str, matches: Iterable[Match]) -> str:
    """The text with the spans replaced by NUL, so that nothing is read twice; same length."""
    parts, at = [], 0
    for start, end in sorted({(m.start, m.end) for m in matches}):
        if start >= at:
            parts += [text[at:start], "\x00" * (end - start)]
            at = end
    parts.append(text[at:])
    return "".join(parts)


def _found(catalogue: Catalogue, raw: str, ready: Clean, matches: list[Match]) -> tuple[Found, ...]:
    seen: dict[tuple[str, str, str], Found] = {}

    def between(end: int, start: int) -> str:
        return raw[ready.span(end - 1, end)[1] : ready.span(start, start + 1)[0]]

    cues, addressed = hints(catalogue.words, ready.text, matches, between)
    for index, match in enumerate(matches):
        hit = match.hit
        key = hit[:3]
        if key not in seen:
            start, end = ready.span(match.start, match.end)
            seen[key] = Found(*hit[:4], raw[start:end], start, end, cues[index], addressed[index], hit.rule)
    return tuple(seen.values())


def _observation(raw: str, ready: Clean, fact: Fact) -> Observation:
    start, end = ready.span(fact.start, fact.end)
    return Observation(fact.kind, fact.value, fact.unit, fact.period, raw[start:end], start, end)
