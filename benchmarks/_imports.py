"""How fast a chat's export becomes tips: `benchmark_import(100_000, "sqlite")`, called by `intake.py`.

A Telegram export of invented messages is written from a seed and imported by the command into a fresh, empty
installation: read, sealed, stored with an audit row each, on disk (fsync on). The start of the command counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests")]

import postgres  # noqa: E402

_WORDS = [
    "pots",
    "vases",
    "lake",
    "hill",
    "river",
    "kiln",
    "glaze",
    "clay",
    "bowl",
    "market",
    "square",
    "garden",
    "bench",
    "bridge",
    "path",
]


def write_export(file: Path, count: int, seed: int = 1) -> None:
    """A group's `result.json` as Telegram Desktop writes it: 500 people, half of the messages with an address."""
    chance, start = random.Random(seed), datetime(2025, 1, 1, tzinfo=UTC)
    with file.open("w", encoding="utf-8") as out:
        out.write('{\n "name": "Lake",\n "type": "private_supergroup",\n "id": 1000200300,\n "messages": [\n')
        for number in range(1, count + 1):
            person, at = chance.randrange(500), start + timedelta(seconds=20 * number)
            said = " ".join(chance.choices(_WORDS, k=chance.randrange(4, 30)))
            link = {"type": "link", "text": f"https://kiln{chance.randrange(count)}.example.org/"}
            message = {
                "id": number, "type": "message", "date": at.strftime("%Y-%m-%dT%H:%M:%S"),
                "date_unixtime": str(int(at.timestamp())), "from": f"Follower {person}", "from_id": f"user{person}",
                "text": [f"{said} ", link] if number % 2 else f"{said} {number}",
            }  # fmt: skip
            out.write((",\n" if number > 1 else "") + json.dumps(message, indent=1))
        out.write("\n ]\n}\n")


def benchmark_import(count: int, kind: str, seed: int = 1) -> float:
    """Messages a second on `sqlite` or `postgresql`; raises where a message is missing or a second run adds one."""
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-imports-")))
        env = {k: v for k, v in os.environ.items() if not k.startswith(("TOCSIN_", "DATABASE_"))}
        env |= {"TOCSIN_HOME": str(home / "home"), "TOCSIN_DEMONSTRATION": "no"}
        if kind == "postgresql":
            env["DATABASE_URL"] = stack.enter_context(postgres.server())
        _tocsin(env, "init")
        export = home / "result.json"
        write_export(export, count, seed)
        words = ("import", "--format", "telegram", "--json", str(export))
        began = time.perf_counter()
        first = json.loads(_tocsin(env, *words))
        seconds = time.perf_counter() - began
        again = json.loads(_tocsin(env, *words))
        if (first["new"], again["new"], again["known"]) != (count, 0, count):
            raise SystemExit(f"{kind}: {count} messages gave {first}, and again {again}")
    return count / seconds


def _tocsin(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "tocsin.cli", *words]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    for database in ("sqlite", "postgresql"):
        print(f"{database}: {benchmark_import(size, database):,.0f} messages/s of {size:,}")
