"""Figures in words and bars, for the public page and the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.outcomes.durations import spoken
from tocsin.statistics.figures import COUNTS, FEW, MEDIANS

LABELS: dict[str, str | Promise] = {
    "tips": gettext_lazy("Tips received"),
    "cases": gettext_lazy("Cases"),
    "notices": gettext_lazy("Notices sent to platforms and hosts"),
    "accounts_gone": gettext_lazy("Accounts and pages gone"),
    "cases_all_gone": gettext_lazy("Cases in which everything is gone"),
    "arrests": gettext_lazy("Cases with an arrest"),
    "median_received_approved": gettext_lazy("From the first tip to a second person's approval"),
    "median_sent_acknowledged": gettext_lazy("From our message to the first answer"),
    "median_sent_all_gone": gettext_lazy("From our message until everything is gone"),
    "median_sent_arrested": gettext_lazy("From our message to an arrest"),
    "hour": gettext_lazy("within an hour"),
    "day": gettext_lazy("within a day"),
    "week": gettext_lazy("within a week"),
    "longer": gettext_lazy("later"),
    "account": gettext_lazy("Accounts"),
    "group": gettext_lazy("Groups"),
    "channel": gettext_lazy("Channels"),
    "post": gettext_lazy("Posts"),
    "file": gettext_lazy("Files"),
    "site": gettext_lazy("Sites"),
    "url": gettext_lazy("Pages"),
    "email": gettext_lazy("E-mail addresses"),
    "phone": gettext_lazy("Telephone numbers"),
    "payment": gettext_lazy("Payment accounts"),
}
FEWER = gettext_lazy("fewer than 5")


@dataclass(frozen=True)
class Figure:
    """One big number with its label; `few` where there is none to show."""

    key: str
    label: str
    text: str
    few: bool


@dataclass(frozen=True)
class Bar:
    """One row of a small bar table; `percent` is of the table's largest number."""

    label: str
    text: str
    percent: int


def label(key: str) -> str:
    """The label of a figure or a cell."""
    return str(LABELS.get(key, key))


def text_of(value: Mapping[str, Any]) -> tuple[str, bool]:
    """(words, nothing to show)."""
    if "n" in value:
        return number_format(value["n"], force_grouping=True), False
    if value.get("seconds") is not None:
        return spoken(timedelta(seconds=value["seconds"])), False
    return (str(FEWER), True) if value.get("few") else (_("not enough cases yet"), True)


def figures(published: Mapping[str, Mapping[str, Any]], keys: tuple[str, ...]) -> list[Figure]:
    """The named figures, in order; what was never published is left out."""
    found = []
    for key in keys:
        if key in published:
            text, few = text_of(published[key])
            found.append(Figure(key, label(key), text, few))
    return found


def counts(published: Mapping[str, Mapping[str, Any]]) -> list[Figure]:
    """The big numbers."""
    return figures(published, COUNTS)


def medians(published: Mapping[str, Mapping[str, Any]]) -> list[Figure]:
    """The median times."""
    return figures(published, tuple(f"median_{name}" for name in MEDIANS))


def bars(published: Mapping[str, Mapping[str, Any]], key: str) -> list[Bar]:
    """A bar table; nothing where no cell is large enough to be shown."""
    cells = published.get(key, {}).get("cells", [])
    most = max((cell["n"] for cell in cells if "n" in cell), default=0)
    if most < FEW:
        return []
    return [_bar(cell, most) for cell in cells]


def _bar(cell: Mapping[str, Any], most: int) -> Bar:
    if "n" not in cell:
        return Bar(label(cell["key"]), _("too few to show"), 0)
    return Bar(
        label(cell["key"]), number_format(cell["n"], force_grouping=True), round(100 * cell["n"] / most)
    )
