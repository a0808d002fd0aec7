"""A fresh installation for a measurement, and Python in a process of its own inside it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import postgres  # noqa: E402

KINDS = ("postgresql", "sqlite")


@contextlib.contextmanager
def fresh(kind: str, home: Path | None = None) -> Iterator[dict[str, str]]:
    """The environment of a hotline of its own on `kind`: keys, migrated database. Gone afterwards, but for `home`."""
    with contextlib.ExitStack() as stack:
        if home is None:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-cases-")))
        env = environment(home)
        if kind == "postgresql":
            env["DATABASE_URL"] = stack.enter_context(postgres.server())
        subprocess.run(
            [sys.executable, "-m", "tocsin.cli", "init"], env=env, check=True, stdout=subprocess.DEVNULL
        )
        yield env


def environment(home: Path) -> dict[str, str]:
    """As `tocsin` has it, with nothing of the caller's settings."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TOCSIN_", "DATABASE_"))}
    paths = [str(ROOT / "benchmarks"), str(ROOT / "tests"), str(ROOT / "src")]
    return env | {
        "TOCSIN_HOME": str(home),
        "TOCSIN_DEMONSTRATION": "no",
        "DJANGO_SETTINGS_MODULE": "tocsin.server.settings",
        "PYTHONPATH": os.pathsep.join(paths),
    }


def inside(env: dict[str, str], *words: str) -> str:
    """Run one of our files in that installation; the last line that it prints."""
    done = subprocess.run([sys.executable, *words], env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout.rstrip().rsplit("\n", 1)[-1]
