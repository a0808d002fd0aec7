"""What the page of hubs shows: the distribution of degrees in bars, and what another threshold would change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.identifiers import bystanders
from tocsin.identifiers.models import Identifier, key_of
from tocsin.linking import degree, hubs
from tocsin.linking.models import HubChange


@dataclass(frozen=True, slots=True)
class Bar:
    """Degrees `low` to `high`, how many identifiers have one of them, the bar's width, whether it is over the threshold."""

    low: int
    high: int
    count: int
    percent: int
    over: bool


def bars(kind: str, threshold: int) -> list[Bar]:
    """The distribution in steps of powers of two, parted at the threshold, so that no bar lies on both sides."""
    found = degree.distribution(kind)
    if not found:
        return []
    edges = [1]
    while edges[-1] <= max(found[-1][0], threshold):
        edges.append(edges[-1] * 2)
    edges = sorted({*edges, threshold})
    steps = list(pairwise(edges))
    counts = [sum(n for value, n in found if low <= value < high) for low, high in steps]
    most = max(counts) or 1
    return [
        Bar(low, high - 1, n, _width(n, most), low >= threshold)
        for (low, high), n in zip(steps, counts, strict=True)
    ]


def _width(count: int, most: int) -> int:
    """Per cent of the widest; what is there at all is seen."""
    return max(1, round(100 * count / most)) if count else 0


def waiting() -> list[HubChange]:
    """Changes that wait for a second person, the oldest first."""
    rows = HubChange.objects.filter(state="proposed").select_related("identifier", "proposed_by")
    return list(rows.order_by("proposed_at", "pk"))


def below(threshold: int) -> int:
    """Hubs by degree that this threshold would not make: they stay until people reverse them."""
    return hubs.listed().filter(hub=True, why=hubs.DEGREE, degree__lt=threshold).count()


def identifier_from(text: str) -> Identifier:
    """The stored identifier that a person typed. `NotAllowed` with a sentence where no tip names it."""
    found = Identifier.objects.filter(key=key_of(*bystanders.triple_from(text))).first()
    if found is None:
        raise NotAllowed(_("No tip names this."))
    return found
