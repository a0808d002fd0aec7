"""Extraction against ioc-finder and linkify-it-py, on the same texts in the same run: texts a second, p99, memory.

References are installed beside the project (benchmarks/.data/identifiers-references), never into its environment.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _bars import bar

from tocsin.identifiers.extract import extract, load_catalogue

ROOT = Path(__file__).parent.parent
REFERENCES = ROOT / "benchmarks" / ".data" / "identifiers-references"
CASES = ROOT / "tests" / "identifiers" / "cases"


SHORT = 100  # characters: a longer one is a message, and measured as such


def texts() -> list[str]:
    """The labelled short texts: all platforms, eight languages, and texts that hold nothing."""
    names = ("visible.jsonl", "own.jsonl", "negatives.jsonl")
    every = [json.loads(line)["text"] for n in names for line in (CASES / n).read_text("utf-8").splitlines()]
    return [text for text in every if len(text) <= SHORT]


def rate(call: Callable[[str], Any], sample: list[str], seconds: float) -> float:
    """Texts a second of processor time, best of the rounds that fit into `seconds`."""
    for text in sample:
        call(text)
    best, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until or not best:
        start = time.process_time()
        for text in sample:
            call(text)
        best = max(best, len(sample) / (time.process_time() - start))
    return best


PROSE = (
    "I saw this last night in a group about pottery and I do not know whom to tell. ",
    "Je ne sais pas à qui m'adresser, le groupe parle de poterie et de paysages. ",
    "昨天晚上我在一个关于陶艺和风景的群里看到了这个，不知道该告诉谁。",
    "Вчера вечером я увидел это в группе о керамике и не знаю, кому сообщить. ",
    "昨日の夜、陶芸のグループでこれを見ましたが、誰に伝えればよいかわかりません。",
    "رأيت هذا مساء أمس في مجموعة عن الفخار ولا أعرف من أخبر. ",
)


def p99_of_2kb(sample: list[str], rounds: int, dense: bool) -> float:
    """Milliseconds of processor time for one message of 2 kB, 99th percentile.

    A message is prose of six languages with a labelled line after every third sentence; a dense one holds
    nothing but labelled lines, about fifty in 2 kB.
    """
    endless, took = itertools.cycle(sample), []
    for number in range(rounds):
        message, sentences = "", itertools.cycle(PROSE[number % 6 :] + PROSE[: number % 6])
        while len(message.encode()) < 2048:
            message += "" if dense else "".join(itertools.islice(sentences, 3))
            message += next(endless) + " "
        start = time.process_time()
        extract(message)
        took.append(time.process_time() - start)
    return sorted(took)[int(0.99 * len(took))] * 1000


def growth(sample: list[str], lines: int) -> float:
    """Growth of the peak memory in MB while `lines` different lines are read, after a warm start."""

    def read(start: int, count: int) -> None:
        for number in range(start, start + count):
            extract(f"{sample[number % len(sample)]} n{number} t.me/finch_{number}")

    read(0, lines // 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(lines // 10, lines - lines // 10)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def start_seconds() -> float:
    """Seconds until the command has read one line, best of three."""
    command = [sys.executable, "-m", "tocsin.identifiers.extract.cli", "extract"]
    took = []
    for _ in range(3):
        start = time.monotonic()
        subprocess.run(command, input=b"t.me/copper_finch01\n", capture_output=True, check=True)
        took.append(time.monotonic() - start)
    return min(took)


def references() -> dict[str, Callable[[str], Any]]:
    """The other extractors, installed where missing; without a registry the table says so."""
    if not REFERENCES.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--target",
            str(REFERENCES),
            "ioc-finder",
            "linkify-it-py",
        ]
        subprocess.run(command, check=False, capture_output=True)
    sys.path.append(str(REFERENCES))
    try:
        from ioc_finder import find_iocs
        from linkify_it import LinkifyIt
    except ImportError:
        return {}
    return {"ioc-finder": find_iocs, "linkify-it-py": LinkifyIt().match}


def main() -> int:
    """Print the table and, as the last line, the JSON object; 0 only if every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    sample = texts()
    load_catalogue()
    figures = {"texts_per_second": rate(extract, sample, 5 if quick else 20)}
    others = references()
    for name, call in others.items():
        figures[f"{name}_texts_per_second"] = rate(call, sample[:200] if name == "ioc-finder" else sample, 3)
    figures["p99_2kb_ms"] = p99_of_2kb(sample, 400 if quick else 4000, dense=False)
    figures["p99_2kb_dense_ms"] = p99_of_2kb(sample, 200 if quick else 2000, dense=True)
    lines = 50_000 if quick else 1_000_000
    figures["memory_growth_mb"] = growth(sample, lines)
    figures["start_seconds"] = start_seconds()
    bars = {
        "texts_per_second": bar(figures["texts_per_second"], ">= 20000"),
        "p99_2kb_ms": bar(figures["p99_2kb_ms"], "<= 2"),
        "memory_growth_mb": bar(figures["memory_growth_mb"], "<= 8"),
        "start_seconds": bar(figures["start_seconds"], "<= 1"),
    }
    print(
        f"{len(sample)} texts, {sum(map(len, sample)) / len(sample):.0f} characters each; {platform.machine()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )
    for name, value in figures.items():
        ratio = (
            f"  we are {figures['texts_per_second'] / value:.1f} x"
            if name.removesuffix("_texts_per_second") in others
            else ""
        )
        print(f"{name:36} {value:12.2f}{ratio}")
    if not others:
        print("ioc-finder and linkify-it-py could not be installed: no ratio in this run")
    ok = all(row["ok"] for row in bars.values())
    print(
        json.dumps(
            {
                "bench": "identifiers",
                "mode": "quick" if quick else "full",
                "size": lines,
                "ok": ok,
                "figures": figures,
                "bars": bars,
            }
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
