"""Exact figures beside the public ones: one row a figure, for the console and `tocsin stats`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.formats import number_format

from tocsin.outcomes.durations import spoken
from tocsin.statistics.figures import COUNTS, MEDIANS, Figures, exact, public
from tocsin.statistics.shown import label, text_of


@dataclass(frozen=True)
class Row:
    """A figure, exact and as the public would read it now; `cases` says how many cases a median rests on."""

    key: str
    label: str
    exact: str
    public: str
    cases: int | None = None


def rows(figures: Figures | None = None) -> tuple[list[Row], list[Row], int]:
    """(counts, medians, how many cases a hold leaves out)."""
    found = exact() if figures is None else figures
    outside = public(found)
    counts = [
        Row(
            key,
            label(key),
            number_format(found["counts"][key], force_grouping=True),
            text_of(outside[key])[0],
        )
        for key in COUNTS
    ]
    medians = []
    for name in MEDIANS:
        one, key = found["medians"][name], f"median_{name}"
        words = "—" if one["seconds"] is None else spoken(timedelta(seconds=one["seconds"]))
        medians.append(Row(key, label(key), words, text_of(outside[key])[0], one["n"]))
    return counts, medians, found["held_cases"]
