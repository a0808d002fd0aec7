"""How much an identifier would glue together: counted as links are written.

`Degree`: how many tips name it. `Companion`: which other joining things are named beside a site or an address. Both
only ever grow, in the transaction that writes the links, so that a batch costs three statements however large.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Count

from tocsin.lib.ask import ask
from tocsin.lib.rows import insert_missing, new
from tocsin.linking.models import Companion, Degree, Link, Threshold

GLUES = ("site", "url")  # kinds that become hubs by degree; for others degree only proposes a bystander
BATCH = 500
DEFAULTS = {
    "hub": 60,
    "bystander": 200,
}  # companions; tips. The pages show the distribution, and change these


def threshold(name: str) -> int:
    """`hub`: from how many different companions a site is a hub. `bystander`: from how many tips one is proposed."""
    found = Threshold.objects.filter(name=name).values_list("value", flat=True).first()
    return DEFAULTS[name] if found is None else found


class Thing(NamedTuple):
    """What an identifier is."""

    kind: str
    platform: str
    canonical: str

    @property
    def host(self) -> str:
        """Of a site or an address; empty for anything else."""
        return self.canonical.partition("/")[0].partition("?")[0] if self.kind in GLUES else ""


def count_in(links: Sequence[Link], things: Mapping[int, Thing]) -> set[int]:
    """Count new links; the ids of sites and addresses among them that have companions. Inside `with write():`."""
    _count_tips(Counter(link.identifier_id for link in links))
    by_tip = defaultdict[int, list[int]](list)
    for link in links:
        if link.joins:
            by_tip[link.tip_id].append(link.identifier_id)
    pairs = {
        (one, other)
        for some in by_tip.values()
        for one in some
        if things[one].kind in GLUES
        for other in some
        if one != other and things[one].host != things[other].host  # its own address or site is no companion
    }
    insert_missing([new(Companion, identifier_id=one, other_id=other) for one, other in sorted(pairs)])
    return {one for one, _other in pairs}


def _count_tips(counts: Mapping[int, int]) -> None:
    """One upsert for many: the ORM's own has no `tips + n`."""
    rows = sorted(counts.items())
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        places = ", ".join(["(%s, %s)"] * len(some))
        table = connection.ops.quote_name(Degree._meta.db_table)
        sql = (
            f"INSERT INTO {table} (identifier_id, tips) VALUES {places} "  # noqa: S608 - a table of ours, placeholders
            f"ON CONFLICT (identifier_id) DO UPDATE SET tips = {table}.tips + excluded.tips"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for row in some for value in row])


def companions(ids: Iterable[int]) -> dict[int, int]:
    """How many different companions each has now."""
    counted = "SELECT identifier_id, COUNT(*) FROM linking_companion WHERE identifier_id {among} GROUP BY 1"
    return dict(ask(counted, ids))


def distribution(kind: str) -> list[tuple[int, int]]:
    """(degree, how many identifiers have it), from the lowest: companions of sites for `hub`, tips for `bystander`."""
    if kind == "hub":
        rows = (
            Companion.objects.order_by()
            .values("identifier")
            .annotate(n=Count("pk"))
            .values_list("n", flat=True)
        )
        return sorted(Counter(rows).items())
    proposed = Degree.objects.exclude(identifier__kind__in=GLUES).order_by()
    return sorted(proposed.values_list("tips").annotate(n=Count("pk")))
