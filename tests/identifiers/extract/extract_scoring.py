"""Exact triples and pairs, as the labels in ../cases are scored."""

from __future__ import annotations

import collections
import json
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.identifiers.extract import extract

CASES = Path(__file__).parent.parent / "cases"
Triple = tuple[str, str, str]


class Score(NamedTuple):
    """What one file of labels gave; `misses` are (id, wanted and not found, found and not wanted)."""

    f1: float
    pairs_right: int
    pairs: int
    misses: list[tuple[str, set[Triple], set[Triple]]]
    tags: dict[str, list[int]]


def labels(name: str) -> list[dict[str, Any]]:
    """The rows of a file of labels."""
    return [json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines()]


def found(text: str) -> set[Triple]:
    """The triples that the extractor gives."""
    return {(i.kind, i.platform, i.canonical) for i in extract(text).identifiers}


def triples(row: dict[str, Any]) -> list[Triple]:
    """The triples that a label wants; the first is the one its pair is about."""
    return [(e["kind"], e["platform"], e["canonical"]) for e in row["expected"]]


def score(rows: list[dict[str, Any]]) -> Score:
    """F1 over exact triples, and pairs that join or stay apart as they should."""
    right = extra = missing = 0
    tags: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0, 0])
    pairs: dict[str, list[tuple[dict[str, Any], set[Triple]]]] = collections.defaultdict(list)
    misses = []
    for row in rows:
        want, got = set(triples(row)), found(row["text"])
        counts = len(want & got), len(got - want), len(want - got)
        right, extra, missing = right + counts[0], extra + counts[1], missing + counts[2]
        if counts[1] or counts[2]:
            misses.append((row["id"], want - got, got - want))
        for tag in [*row["tags"], row["lang"]]:
            tags[tag] = [a + b for a, b in zip(tags[tag], counts, strict=True)]
        if row.get("pair"):
            pairs[row["pair"]].append((row, got))
    verdicts = [verdict for group in pairs.values() for verdict in _verdicts(group)]
    f1 = 2 * right / max(1, 2 * right + extra + missing)
    return Score(f1, sum(verdicts), len(verdicts), misses, dict(tags))


def _verdicts(group: list[tuple[dict[str, Any], set[Triple]]]) -> list[bool]:
    shared = next(triples(row)[0] for row, _ in group if row["rel"] == "same")
    return [(shared in got) == (row["rel"] == "same") for row, got in group]
