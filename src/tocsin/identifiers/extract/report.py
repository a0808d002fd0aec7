"""What people read: a line with its matches marked, why each was made, and near misses."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

from .model import Extraction, Found


def table(number: int, text: str, result: Extraction, explain: bool = False) -> str:
    """The line, marks under (as [ ]) its matches, and one row for each result."""
    lines = [f"{number}: {marked(text, result)}"]
    for found in result.identifiers:
        hint = " ".join(filter(None, (found.cue, "addressed" if found.addressed else "")))
        lines.append(
            f"   {found.kind:8} {found.platform:12} {found.canonical}  ({found.strength}"
            + (f", {hint}" if hint else "")
            + ")"
            + (f"  by {found.rule}" if explain else "")
        )
    lines += [
        f"   {o.kind:8} {o.value} {o.unit or ''} {o.period or ''}".rstrip() for o in result.observations
    ]
    lines += [f"   near miss: {line}" for line in near_misses(result)] if explain else []
    return "\n".join(_printable(line) for line in lines)


def marked(text: str, result: Extraction) -> str:
    """The text with ⟦ ⟧ around every match."""
    parts, at = [], 0
    for start, end in sorted({(found.start, found.end) for found in result.identifiers}):
        if start >= at:
            parts += [text[at:start], "⟦", text[start:end], "⟧"]
            at = end
    return "".join([*parts, text[at:]])


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in line)


def near_misses(result: Extraction) -> list[str]:
    """Warnings, never a merge: one handle on several platforms, and names that mix scripts."""
    names: dict[str, list[Found]] = defaultdict(list)
    for found in result.identifiers:
        if found.kind in ("account", "group", "channel"):
            names[_bare(found.canonical)].append(found)
    warnings = []
    for name, same in names.items():
        platforms = sorted({found.platform for found in same})
        if len(platforms) > 1:
            warnings.append(
                f"{name} occurs on {', '.join(platforms)}: different accounts until a person says otherwise"
            )
    for found in result.identifiers:
        scripts = mixed_scripts(found.canonical)
        if len(scripts) > 1:
            warnings.append(
                f"{found.canonical} mixes {' and '.join(scripts)} letters: it may imitate another name"
            )
    return warnings


def _bare(canonical: str) -> str:
    """The handle without its name-space prefix, and without dots and underscores."""
    return canonical.rpartition(":")[2].lstrip("@").replace(".", "").replace("_", "").replace("-", "").lower()


def mixed_scripts(text: str) -> list[str]:
    """The scripts among Latin, Cyrillic and Greek whose letters occur side by side, sorted."""
    scripts = set()
    for char in text:
        if char.isalpha():
            name = unicodedata.name(char, "").partition(" ")[0]
            if name in ("LATIN", "CYRILLIC", "GREEK"):
                scripts.add(name.capitalize())
    return sorted(scripts)
