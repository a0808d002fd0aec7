"""From stored tips to cases: how fast tips are linked and placed, alone and in batches, and what people wait for.

A made-up world (`_world.py`) is put into the tables in bulk; the product's own steps do the rest. Linking alone runs
in the batches that the steps are made for; the whole worker as in production, over texts that came through the door.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import _fresh
from _bars import bar
from _reference import ANCHOR
from linking_truth import report

INSIDE = str(Path(__file__).resolve().parent / "_cases.py")
BARS = {
    "linking_per_second": ">= 2000",
    "worker_per_second": ">= 500",
    "copies_per_second": ">= 1000",
    "copies_recall": ">= 0.98",
    "copies_bands_per_tip": "<= 8",
    "single_p99_ms": "<= 50",
    "single_p99_ratio": "<= 1.5",
    "queue_p95_ms": "<= 60",
    "case_p95_ms": "<= 60",
    "search_p95_ms": "<= 60",
    "queue_queries": "<= 20",
    "case_queries": "<= 80",
    "search_queries": "<= 20",
    "resident_mb": "<= 500",
    "opens_after_restart": "<= 0",
    # the same, measured against what one core seals at that moment (`_reference.py`): 19,500 a second where they were set
    "linking_of_seals": f">= {2000 / ANCHOR:.4f}",
    "worker_of_seals": f">= {500 / ANCHOR:.4f}",
    "copies_of_seals": f">= {1000 / ANCHOR:.4f}",
    "single_p99_seals": f"<= {0.050 * ANCHOR:.0f}",
    "queue_p95_seals": f"<= {0.060 * ANCHOR:.0f}",
    "case_p95_seals": f"<= {0.060 * ANCHOR:.0f}",
    "search_p95_seals": f"<= {0.060 * ANCHOR:.0f}",
}
# tips in all, those of the small measurement, texts for the worker, tips alone, texts for the copies
QUICK, FULL = (20_000, 5_000, 1_000, 100, 2_000), (1_000_000, 100_000, 20_000, 500, 50_000)


def measure(kind: str, sizes: tuple[int, ...]) -> dict[str, float]:
    """All figures of one database."""
    size, first, texts, singles, copies = sizes
    with _fresh.fresh(kind) as env:
        words = ("measure", size - texts - 2 * singles, first, texts, singles)
        figures = dict[str, float](json.loads(_fresh.inside(env, INSIDE, *map(str, words))))
        figures |= json.loads(_fresh.inside(env, INSIDE, "restart"))
    with _fresh.fresh(kind) as env:
        figures |= json.loads(_fresh.inside(env, INSIDE, "copies", str(copies)))
    return figures


def main() -> int:
    """Print the table and, as the last line, the JSON object; 0 only if every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 tips a database")
    parser.add_argument("--only", choices=_fresh.KINDS, help="one database")
    parser.add_argument("--size", type=int, help="tips; the other sizes shrink with it")
    args = parser.parse_args()
    sizes = QUICK if args.quick else FULL
    if args.size:
        sizes = (args.size, *(max(20, number * args.size // sizes[0]) for number in sizes[1:]))
    began, figures = time.monotonic(), dict[str, float]()
    print(
        f"{sizes[0]:,} tips; {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}"
    )
    for kind in (args.only,) if args.only else _fresh.KINDS:
        for name, value in measure(kind, sizes).items():
            figures[f"{kind}_{name}"] = value
            print(f"{f'{kind}_{name}':50} {value:12.2f}", flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    bars = {
        name: bar(value, BARS[key])
        for name, value in figures.items()
        if (key := name.partition("_")[2]) in BARS
    }
    return report("cases", "quick" if args.quick else "full", sizes[0], figures, bars)


if __name__ == "__main__":
    sys.exit(main())
