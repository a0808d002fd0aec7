"""What linking finds of a made-up world whose clusters are known, and which rule buys what.

The real steps run over a fresh database: texts and mentions -> links -> cases, cut where a hub was found late. At
half time people have worked on some cases, so that software only proposes there. Precision and recall are over pairs
of tips; the best possible knows which identifiers mislead.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import _fresh
from _bars import bar
from _truth import RULES, loaded_in_bulk
from _world import World

HERE = Path(__file__).resolve().parent
SEED = 5
BARS = {
    "f1": ">= 0.98",
    "biggest_case": "<= 0.01",
    "genuine_lost": "<= 0",
    "reporters_in_drafts": "<= 0",
}
SHOWN = ("uncut_f1", "precision", "recall", "f1", "biggest_case")


def best(world: World) -> float:
    """F1 of somebody who knows which identifiers mislead: the most that the texts themselves tell."""
    parent, seen = list(range(world.size)), dict[object, int]()

    def find(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    true, found, both = Counter[int](), Counter[int](), Counter[tuple[int, int]]()
    items = [(item.number, item.cluster, item.names) for item in world.items()]
    for number, cluster, names in items:
        own: list[object] = [name.triple for name in names if name.why == "own"]
        own += [("again", cluster) for name in names if name.why == "reused"]
        weak = [name.triple for name in names if name.why == "weak"]
        for sign in [*own, tuple(weak)] if len(weak) > 1 else own:
            parent[find(number)] = find(seen.setdefault(sign, number))
    for number, cluster, _names in items:
        true[cluster] += 1
        found[find(number)] += 1
        both[find(number), cluster] += 1
    right, one, other = (sum(n * (n - 1) // 2 for n in sizes.values()) for sizes in (both, found, true))
    return 2 * right / (one + other)


def load(env: dict[str, str], size: int, seed: int) -> None:
    """The world into the tables of an installation."""
    _fresh.inside(env, str(HERE / "_bulk.py"), str(size), str(seed), str(loaded_in_bulk(size)))


def measure(env: dict[str, str], size: int, seed: int, without: str) -> dict[str, float]:
    """Run the steps there, with one rule switched off."""
    return json.loads(_fresh.inside(env, str(HERE / "_truth.py"), str(size), str(seed), without))  # type: ignore[no-any-return]


def with_and_without(size: int, seed: int, rules: list[str], at_once: int = 2) -> dict[str, dict[str, float]]:
    """On SQLite: the same loaded world for each rule that is switched off ("": none)."""
    with _fresh.fresh("sqlite") as env, tempfile.TemporaryDirectory(prefix="tocsin-truth-") as folder:
        load(env, size, seed)

        def one(rule: str) -> dict[str, float]:
            home = Path(folder) / (rule or "all")
            shutil.copytree(env["TOCSIN_HOME"], home)
            try:
                return measure(_fresh.environment(home), size, seed, rule)
            finally:
                shutil.rmtree(home)

        with ThreadPoolExecutor(at_once) as pool:
            return dict(zip(rules, pool.map(one, rules), strict=True))


def on_postgresql(size: int, seed: int) -> dict[str, float]:
    """All rules, on the other database."""
    with ExitStack() as stack:
        env = stack.enter_context(_fresh.fresh("postgresql"))
        load(env, size, seed)
        return measure(env, size, seed, "")


def show(name: str, figures: dict[str, float]) -> None:
    """One line of the table."""
    before = " ".join(f"{figures[key]:12.4f}" for key in SHOWN)
    print(f"{name:60} {before} {figures['accepted_f1']:12.4f}", flush=True)


def main() -> int:
    """Print the table and, as the last line, the JSON object; 0 only if every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 tips; 5,000 with each rule switched off")
    parser.add_argument("--only", choices=_fresh.KINDS, help="one database")
    parser.add_argument("--size", type=int, help="tips")
    parser.add_argument("--rules", nargs="*", choices=list(RULES), help="switch off only these")
    args = parser.parse_args()
    size = args.size or (20_000 if args.quick else 100_000)
    smaller = min(size, 5_000 if args.quick else 20_000)
    rules = list(RULES) if args.rules is None else args.rules
    began, figures = time.monotonic(), dict[str, float]()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )
    print(f"{'':60} " + " ".join(f"{key:>12}" for key in (*SHOWN, "f1 accepted")))
    for kind in (args.only,) if args.only else _fresh.KINDS:
        found = on_postgresql(size, SEED) if kind == "postgresql" else with_and_without(size, SEED, [""])[""]
        show(f"all rules, {size:,} tips, {kind}", found)
        figures |= {f"{kind}_{key}": value for key, value in found.items()}
    figures["best_possible_f1"] = best(World(size, SEED))
    print(f"{'best possible':60} {'':12} {'':12} {'':12} {figures['best_possible_f1']:12.4f}")
    if rules:
        for rule, found in with_and_without(smaller, SEED, ["", *rules]).items():
            show(
                f"{smaller:,} tips, without: {RULES[rule]}" if rule else f"{smaller:,} tips, all rules", found
            )
            figures |= {f"without_{rule or 'nothing'}_{key}": found[key] for key in (*SHOWN, "accepted_f1")}
    bars = {
        name: bar(value, BARS[key])
        for name, value in figures.items()
        if (key := name.partition("_")[2]) in BARS and name.startswith(_fresh.KINDS)
    }
    print(f"{time.monotonic() - began:.0f} s")
    return report("linking_truth", "quick" if args.quick else "full", size, figures, bars)


def report(
    bench: str, mode: str, size: int, figures: dict[str, float], bars: dict[str, dict[str, object]]
) -> int:
    """The bars, and the last line."""
    for name, row in bars.items():
        print(f"{name:44} {row['value']:12.4f}   need {row['need']}{'' if row['ok'] else '   NOT MET'}")
    ok = all(row["ok"] for row in bars.values())
    print(
        json.dumps({"bench": bench, "mode": mode, "size": size, "ok": ok, "figures": figures, "bars": bars})
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
