"""The walk of one text: clean it, find addresses, payments, numbers, handles; then hints and observations."""

from __future__ import annotations

import re
from operator import attrgetter

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
_START = attrgetter("start")


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
    if ("@" in text and text.count("@") > 1) or "acct:" in text:
        matches = scan_fediverse(text)
        rest = _blank(text, matches) if matches else text
    if new := scan_patterns(catalogue, rest):
        matches += new
        rest = _blank(rest, new)
    if ("." in rest or "://" in rest) and (new := scan_links(catalogue, rest)):
        matches += new
        rest = _blank(rest, new)
    digits = DIGIT.search(rest) is not None
    if digits and len(rest) >= 13 and (new := scan_payments(catalogue, rest)):
        matches += new
        rest = _blank(rest, new)
    mails = {match.start: match for match in matches if match.hit.kind == "email"} if "@" in text else {}
    left = not matches or rest.count("\x00") < len(rest) - 2
    if left and (new := scan_handles(catalogue, rest, mails)):
        matches += new
        rest = _blank(rest, new)
    if digits and ("+" in rest or "00" in rest) and (new := scan_phones(rest)):
        matches += new
        rest = _blank(rest, new)
    if len(matches) > 1:
        matches.sort(key=_START)
    return matches, rest


def _blank(text: str, matches: list[Match]) -> str:
    """The text with the spans replaced by NUL, so that nothing is read twice; same length."""
    spans = {(start, end) for _, start, end in matches}
    if len(spans) == 1:  # as nearly always
        start, end = spans.pop()
        return text[:start] + "\x00" * (end - start) + text[end:]
    parts, at = [], 0
    for start, end in sorted(spans):
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
    for (hit, start, end), cue, greeted in zip(matches, cues, addressed, strict=True):
        kind, platform, canonical, strength, rule = hit
        key = kind, platform, canonical
        if key not in seen:
            if ready.edits:
                start, end = ready.span(start, end)
            seen[key] = Found(
                kind, platform, canonical, strength, raw[start:end], start, end, cue, greeted, rule
            )
    return tuple(seen.values())


def _observation(raw: str, ready: Clean, fact: Fact) -> Observation:
    start, end = ready.span(fact.start, fact.end)
    return Observation(fact.kind, fact.value, fact.unit, fact.period, raw[start:end], start, end)
