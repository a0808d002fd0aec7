"""What `make test` runs: style, types and import contracts, then the tests on SQLite and on PostgreSQL side by side.

Prints the tail of what failed and one closing line; exit status 0 only if all of it passed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import postgres

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LINT = [
    ("ruff check", [BIN / "ruff", "check", "."]),
    ("ruff format", [BIN / "ruff", "format", "--check", "."]),
    ("mypy", [BIN / "mypy"]),
    ("import contracts", [BIN / "lint-imports"]),
]


def lint() -> bool:
    """Run the four checks; True if all pass."""
    fine = True
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tocsin.server.settings", "PYTHONPATH": str(ROOT / "src")}
    for name, command in LINT:
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        print(f"{name}: {'passes' if done.returncode == 0 else 'FAILS'}", flush=True)
        if done.returncode:
            print(done.stdout[-6000:], done.stderr[-2000:])
            fine = False
    return fine


def start(extra: list[str], url: str | None, log: Path) -> subprocess.Popen[bytes]:
    """Start pytest on one database, its output in `log`."""
    env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    if url:
        env["DATABASE_URL"] = url
    with log.open("wb") as out:
        return subprocess.Popen(
            [BIN / "pytest", *extra], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )


def tests(marks: str, shared: list[str]) -> tuple[bool, int, int]:
    """Run the tests with these marks on both databases at once; (all passed, passed, failed).

    `shared`: what tells the two runs that one does not repeat what the other does.
    """
    with tempfile.TemporaryDirectory() as folder, postgres.server() as url:
        logs = {"SQLite": Path(folder) / "sqlite.log", "PostgreSQL": Path(folder) / "postgres.log"}
        extra = ["-m", marks, *shared]
        runs = {
            "SQLite": start(extra, None, logs["SQLite"]),
            # what touches no database is the same on both: it runs once
            "PostgreSQL": start([*extra, "--deselect-pure"], url, logs["PostgreSQL"]),
        }
        fine, passed, failed = True, 0, 0
        for name, run in runs.items():
            status = run.wait()
            text = logs[name].read_text(encoding="utf-8", errors="replace")
            print(f"{name}: {text.strip().splitlines()[-1] if text.strip() else 'no output'}", flush=True)
            if status:
                print(text[-12000:])
                fine = False
            for count, word in re.findall(r"(\d+) (passed|failed|error)", text.strip().splitlines()[-1]):
                passed += int(count) if word == "passed" else 0
                failed += int(count) if word != "passed" else 0
    return fine, passed, failed


def main() -> int:
    """Everything, `--lint` only the style, `--soak` the long forms."""
    began = time.monotonic()
    if "--lint" in sys.argv:
        return 0 if lint() else 1
    if "--soak" in sys.argv:
        fine, passed, failed = tests("soak or once", [])
    else:
        # the journeys wait for processes now and then: the style checks use that time
        with ThreadPoolExecutor(1) as beside:
            styled = beside.submit(lint)
            fine, passed, failed = tests("not soak", ["--share"])
            fine = styled.result() and fine
    print(f"took {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
