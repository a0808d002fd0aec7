"""A whole Tocsin for a test: web server, worker, mail server and database, as a hotline runs them. No mocks."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, ready: Callable[[], Any], seconds: float = 60) -> Any:
    """Poll until `ready()` is true and return its value; fails with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = ready()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Letters:
    """The handler of the mail server: keeps what it was given."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        with self.lock:
            self.taken.append((list(envelope.rcpt_tos), bytes(envelope.content)))
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        with self.lock:
            raw = [content for to, content in self.taken if address in to]
        return [message_from_bytes(content, policy=default) for content in raw]  # type: ignore[misc]


class Stack:
    """The processes and where they are."""

    def __init__(self, home: Path, database: str | None, letters: Letters, smtp_port: int) -> None:
        self.home, self.letters = home, letters
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.env = {
            key: value for key, value in os.environ.items() if not key.startswith(("TOCSIN_", "DATABASE_"))
        }
        self.env.update(
            TOCSIN_HOME=str(home),
            TOCSIN_PUBLIC_URL=self.url,
            TOCSIN_DEMONSTRATION="yes",
            TOCSIN_SMTP_HOST="127.0.0.1",
            TOCSIN_SMTP_PORT=str(smtp_port),
            TOCSIN_LOG_LEVEL="WARNING",
            DJANGO_SETTINGS_MODULE="tocsin.server.settings",
        )
        if database:
            self.env["DATABASE_URL"] = database
        self.processes: list[subprocess.Popen[bytes]] = []

    def tocsin(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command line in this installation."""
        command = [sys.executable, "-m", "tocsin.cli", *words]
        return subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, check=check)

    def script(self, code: str) -> Any:
        """Run Python inside this installation; what it prints as its last line is read as JSON."""
        head = "import django, json; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", head + code],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None

    def number(self, sql: str) -> int:
        """One number from the database, asked directly: starting Django for it would take a second."""
        if "DATABASE_URL" in self.env:
            import psycopg

            with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
                row = connection.execute(sql).fetchone()  # type: ignore[arg-type]  # our own constant text
        else:
            with closing(sqlite3.connect(self.home / "tocsin.sqlite3", timeout=20)) as file:
                row = file.execute(sql).fetchone()
        assert row is not None
        return int(row[0])

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a verb as a process; its output goes to a file in the home."""
        with (self.home / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tocsin.cli", *words], env=self.env, cwd=ROOT, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def start_web(self) -> None:
        self.start("serve", "--bind", f"127.0.0.1:{self.port}")
        wait_for("the web server", self.answers)

    def logs(self) -> str:
        return "\n".join(p.read_text(errors="replace") for p in sorted(self.home.glob("*.log")))

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


PEOPLE = """
from tocsin.commands.setup import initialise, save_user
initialise(quiet=True)
from tocsin.directory.load import load_demonstration
from tocsin.identifiers.bystanders import load_data
load_demonstration(); load_data(demonstration=True)
save_user("ada", "analyst", %(password)r, "cli:test")
save_user("ravi", "reviewer", %(password)r, "cli:test")
"""


@contextmanager
def database_for(name: str, like: str = "template1") -> Iterator[str | None]:
    """A fresh database on the server that DATABASE_URL names, a copy of `like`; None for SQLite in the home."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        yield None
        return
    import psycopg

    fresh = f"{name}_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{fresh}" TEMPLATE "{like}"')
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{fresh}"))
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{fresh}" WITH (FORCE)')


@lru_cache(maxsize=1)
def pattern() -> tuple[Path, str]:
    """The home and the database of an initialised installation that nobody used yet; made once a run, for copies.

    To migrate an empty database takes many times as long as to copy a migrated one. What a first start does is
    tested where it matters: test_run.py and test_process.py make their own.
    """
    kept = ExitStack()
    atexit.register(kept.close)
    home = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-pattern-")))
    database = kept.enter_context(database_for("pattern"))
    Stack(home, database, Letters(), 0).script(PEOPLE % {"password": PASSWORD})
    return home, urlsplit(database or "").path.lstrip("/")


@contextmanager
def running(name: str, empty: bool = False) -> Iterator[Stack]:
    """An initialised installation with people, recipients and a mail server; no process of ours runs yet.

    `empty`: nothing at all yet, for a test that brings its own.
    """
    home, like = (None, "") if empty else pattern()
    letters = Letters()
    mail = Controller(letters, hostname="127.0.0.1", port=free_port())
    mail.start()
    with (
        tempfile.TemporaryDirectory(prefix=f"tocsin-{name}-") as folder,
        database_for(name, like or "template1") as database,
    ):
        stack = Stack(Path(folder), database, letters, int(mail.port))
        try:
            if home:
                shutil.copytree(home, folder, dirs_exist_ok=True)
            yield stack
        finally:
            stack.stop()
            mail.stop()
