"""A PostgreSQL server for tests, on a free loopback port: `python tests/postgres.py -- command ...`.

The server is started as an unprivileged user (PostgreSQL refuses root) in a folder of its own, and goes away
with the command.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path:
    """The folder with initdb and pg_ctl: the newest that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise SystemExit(
        "PostgreSQL is not installed: run `make test`, which installs it, or apt install postgresql"
    )


def free_port() -> int:
    """A free TCP port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """Start a server; yields a DATABASE_URL whose user may create databases."""
    base = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    port = free_port()
    as_user: list[str] = []
    if os.geteuid() == 0:
        person = "postgres" if _exists("postgres") else "nobody"
        shutil.chown(base, person)
        as_user = ["runuser", "-u", person, "--"]
    run = {"cwd": base, "check": True, "stdout": subprocess.DEVNULL}
    data, log = base / "data", base / "log"
    subprocess.run([*as_user, binaries() / "initdb", "-D", data, "-U", "tocsin", "-A", "trust", "-E", "UTF8",
                    "--locale=C.UTF-8", "--no-sync"], **run)  # fmt: skip
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={base} -c max_connections=60"
    )
    subprocess.run(
        [*as_user, binaries() / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"], **run
    )
    try:
        subprocess.run([*as_user, binaries() / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "tocsin",
                        "tocsin"], **run)  # fmt: skip
        yield f"postgresql://tocsin@127.0.0.1:{port}/tocsin"
    finally:
        subprocess.run([*as_user, binaries() / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(base, ignore_errors=True)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def main() -> int:
    """Run a command with DATABASE_URL set."""
    command = sys.argv[sys.argv.index("--") + 1 :]
    with server() as url:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
