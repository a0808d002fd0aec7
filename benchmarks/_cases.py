"""Inside an installation: the stages of the way from stored mentions to a case, and what people look at, timed.

`python _cases.py measure SIZE FIRST TEXTS SINGLES`, `… copies COUNT`, `… restart`: the last line is JSON.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import django

django.setup()  # what follows are models

from _bulk import load  # noqa: E402
from _reference import Pace  # noqa: E402
from _world import Item, World  # noqa: E402
from django.db import connection  # noqa: E402

from tocsin.accounts.models import User  # noqa: E402
from tocsin.audit.models import AuditRow  # noqa: E402
from tocsin.cases import page, queries, rows  # noqa: E402
from tocsin.cases.listing import Pages  # noqa: E402
from tocsin.cases.models import Case, Placed, Scored  # noqa: E402
from tocsin.lib import sealing  # noqa: E402
from tocsin.server import worker  # noqa: E402
from tocsin.tips.accept import Incoming, accept  # noqa: E402

SEED = 5
PAGE = 50
LINKING = ("linking.link", "cases.place", "cases.cut", "audit.chain")
PATH = ("tips.read", "linking.", "cases.place", "cases.cut", "cases.score")  # from a sealed tip to a case
Figures = dict[str, float]


def measure(size: int, first: int, texts: int, singles: int) -> Figures:
    """`size` tips in all: `first` are linked before the small measurement, the rest before the large one."""
    worker.remember_more()
    world = World(size + texts + 2 * singles, SEED)
    extra = world.items(size)
    figures = linked(world, 0, first, "first_")
    figures |= one_by_one(extra, singles, "small_")
    figures |= linked(world, first, size - first, "")
    figures |= whole_worker(extra, texts)
    figures |= one_by_one(extra, singles, "")
    figures["single_p99_ratio"] = figures["single_p99_ms"] / figures["small_single_p99_ms"]
    figures["single_p50_ratio"] = figures["single_p50_ms"] / figures["small_single_p50_ms"]
    figures |= looked_at(world)
    figures["resident_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures["mentions_per_tip"] = sum(len(one.names) for one in world.items(0, 2000)) / min(2000, size)
    return figures


def linked(world: World, first: int, count: int, prefix: str) -> Figures:
    """Stored mentions -> links, cases, audit: tips a second, in the batches that the steps are made for."""
    load(world, first, count, scored=True)
    before, seconds, pace = Placed.objects.count(), dict.fromkeys(LINKING, 0.0), Pace()
    found = 1
    while found:
        found = 0
        pace.look()
        for name, step, limit in worker.STEPS:
            if name in LINKING:
                began = time.perf_counter()
                found += step(limit)
                seconds[name] += time.perf_counter() - began
    done = Placed.objects.count() - before
    if done != count or AuditRow.objects.filter(position=None).exists():
        raise SystemExit(f"{done} of {count} tips were placed")
    rate = done / sum(seconds.values())
    figures = {f"{prefix}linking_per_second": rate, f"{prefix}linking_of_seals": rate / pace.per_second}
    return figures | {f"{prefix}{name}_seconds": took for name, took in seconds.items()}


def whole_worker(items: Iterator[Item], count: int) -> Figures:
    """Sealed tips -> cases with urgency, all steps of the worker: tips a second."""
    worker.run_until_idle()
    accepted = _accept([item for item, _n in zip(items, range(count), strict=False)])
    began, pace, aside = time.perf_counter(), Pace(), 0.0
    while worker.run_once():
        aside += pace.look()
    took = time.perf_counter() - began - aside
    there = Scored.objects.filter(tip__public_id__in=accepted[:200]).count()
    if there < min(200, count):
        raise SystemExit(f"only {there} of {min(200, count)} tips were scored")
    rate = len(accepted) / took
    return {"worker_per_second": rate, "worker_of_seals": rate / pace.per_second}


def one_by_one(items: Iterator[Item], count: int, prefix: str) -> Figures:
    """A tip alone, again and again: milliseconds from its row to its case with urgency."""
    worker.run_until_idle()
    path = [(step, max(1, limit // 5)) for name, step, limit in worker.STEPS if name.startswith(PATH)]
    took, pace = list[float](), Pace()
    for item, _n in zip(items, range(count), strict=False):
        pace.look()
        (name,) = _accept([item])
        began = time.perf_counter()
        for step, limit in path:
            step(limit)
        took.append((time.perf_counter() - began) * 1000)
        if not Scored.objects.filter(tip__public_id=name).exists():
            raise SystemExit("a tip alone did not get its urgency in one walk")
    p50, p99 = _share(took, 0.5), _share(took, 0.99)
    in_seals = {f"{prefix}single_p99_seals": p99 * pace.per_second / 1000}
    return {f"{prefix}single_p50_ms": p50, f"{prefix}single_p99_ms": p99} | in_seals


def _accept(items: list[Item]) -> list[str]:
    sent = [Incoming(text=item.text(), danger=item.danger, received_at=item.at) for item in items]
    return [
        answer.public_id for start in range(0, len(sent), 500) for answer in accept(sent[start : start + 500])
    ]


# --- what people look at -------------------------------------------------------------------------------------


def looked_at(world: World) -> Figures:
    """Queue, case and search: milliseconds (95th percentile) and the most queries that one look needed."""
    user, draw = User.objects.create_user(username="ada", password=None, role="analyst"), random.Random(SEED)
    live = Case.objects.filter(merged_into=None).order_by("pk")
    numbers = list(live.values_list("number", flat=True))
    asked = [
        name.text for item in world.items(0, 2000) for name in item.names if name.why == "own" and name.text
    ]
    looks: dict[str, list[Callable[[], object]]] = {
        "queue": [partial(_queue, user, n % 6 + 1) for n in range(60)],
        "case": [partial(_case, user, draw.choice(numbers)) for _ in range(100)],
        "search": [partial(_queue, user, 1, draw.choice(asked)) for _ in range(60)],
    }
    figures: Figures = {}
    for name, acts in looks.items():
        acts[0]()  # warm: patterns, catalogue
        took, most, pace = list[float](), 0, Pace()
        for act in acts:
            pace.look()
            with _counted() as count:
                began = time.perf_counter()
                act()
                took.append((time.perf_counter() - began) * 1000)
            most = max(most, count[0])
        p95 = _share(took, 0.95)
        figures |= {f"{name}_p95_ms": p95, f"{name}_p95_seals": p95 * pace.per_second / 1000}
        figures[f"{name}_queries"] = float(most)
    return figures


def _queue(user: User, number: int, q: str | None = None) -> object:
    listed = Pages(queries.queue(user, q=q), PAGE).get_page(number)
    return rows.rows(listed.object_list)


def _case(user: User, number: str) -> object:
    return page.context(queries.case_for(user, number), user)


@contextmanager
def _counted() -> Iterator[list[int]]:
    count = [0]

    def one_more(execute: Any, *args: Any) -> Any:
        count[0] += 1
        return execute(*args)

    with connection.execute_wrapper(one_more):
        yield count


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


# --- apart ---------------------------------------------------------------------------------------------------


def copies(count: int) -> Figures:
    """The step that marks copies, over texts of its own."""
    import _copies

    from tocsin.linking.models import Band
    from tocsin.tips.models import Tip

    found = _copies.measure(count, SEED)
    return {
        "copies_per_second": found["copies_per_second"],
        "copies_of_seals": found["copies_of_seals"],
        "copies_recall": found["recall"],
        "copies_precision": found["precision"],
        "copies_bands_per_tip": Band.objects.count() / Tip.objects.count(),
    }


def restart() -> Figures:
    """A worker process that starts again: how many sealed values it opens."""
    opens = [0]
    whole = sealing.open_bytes

    def counted(*args: Any, **named: Any) -> bytes:
        opens[0] += 1
        return whole(*args, **named)

    sealing.open_bytes = counted
    worker.run_until_idle()
    if opens[0] == 0:  # the counter itself works
        sealing.unseal(sealing.seal("clay"))
        opens[0] -= 1
    return {"opens_after_restart": float(opens[0])}


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[2:]]
    verbs: dict[str, Callable[..., Figures]] = {"measure": measure, "copies": copies, "restart": restart}
    print(json.dumps(verbs[sys.argv[1]](*words)))
