"""`tocsin run`: two supervised processes (web and worker). `tocsin serve` and `tocsin worker` start one of them."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from types import FrameType
from typing import Any

from tocsin.commands.platforms import refuse_broken_platforms

RESTART_PAUSES = (0.5, 1, 2, 5, 10, 30)  # seconds between restarts of a process that keeps dying


def add_parser(verbs: Any) -> None:
    """Register the verbs."""
    run = verbs.add_parser("run", help="start everything on this machine: web and worker, supervised")
    run.add_argument("--port", type=int, default=0, help="default: 8000, or the next free one")
    run.add_argument("--no-demo", action="store_true", help="do not load the demonstration")
    run.set_defaults(run=run_all)
    serve = verbs.add_parser("serve", help="start only the web server (TOCSIN_ROLE: all, door or console)")
    part = serve.add_mutually_exclusive_group()
    part.add_argument("--door", action="store_true", help="public pages only")
    part.add_argument("--console", action="store_true", help="the console only")
    serve.add_argument("--bind", default="127.0.0.1:8000", help="address and port (default 127.0.0.1:8000)")
    serve.add_argument("--processes", type=int, default=0, help="web processes (default 2, or 1 on one core)")
    serve.set_defaults(run=run_serve)
    worker = verbs.add_parser("worker", help="start only the worker")
    worker.add_argument("--once", action="store_true", help="work until nothing is left, then end")
    worker.set_defaults(run=run_worker)


def free_port(wanted: int) -> int:
    """`wanted`, or the first free port from 8000 on."""
    candidates = [wanted] if wanted else [*range(8000, 8100), 0]
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit(f"Port {wanted} is taken. Choose another with --port; nothing was started.")


def gunicorn(bind: str, processes: int = 1) -> list[str]:
    """The web server's command: eight threads a process, no access log (it would hold addresses)."""
    return [
        sys.executable, "-m", "gunicorn", "tocsin.server.wsgi:application", "--bind", bind, "--workers", str(processes),
        "--threads", "8", "--worker-class", "gthread", "--timeout", "60", "--graceful-timeout", "5",
        "--log-level", "warning", "--logger-class", "tocsin.server.logs.QuietLogger", "--worker-tmp-dir", "/dev/shm" if os.path.isdir("/dev/shm") else ".",  # noqa: S108, PTH112
    ]  # fmt: skip


class Supervised:
    """One child process that is started again when it dies."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name, self.command = name, command
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths, self.not_before = 0, 0.0

    def look_after(self, now: float) -> None:
        """Start it if it does not run and its pause is over."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None and self.not_before <= 0:
            pause = RESTART_PAUSES[min(self.deaths, len(RESTART_PAUSES) - 1)]
            self.deaths, self.not_before = self.deaths + 1, now + pause
            print(
                f"The {self.name} ended ({self.process.returncode}); it is started again in {pause} s.",
                flush=True,
            )
        if now >= self.not_before:
            # killed with us: a supervisor that dies hard must not leave a writer behind
            self.process, self.not_before = subprocess.Popen(self.command), 0.0

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()


def run_all(args: argparse.Namespace) -> int:
    """`tocsin run`."""
    refuse_broken_platforms()
    port = free_port(args.port)
    url = os.environ.setdefault("TOCSIN_PUBLIC_URL", f"http://localhost:{port}")
    demonstration = not args.no_demo and os.environ.get("TOCSIN_DEMONSTRATION", "yes") != "no"
    os.environ["TOCSIN_DEMONSTRATION"] = "yes" if demonstration else "no"
    from tocsin.commands.setup import initialise, load_demonstration

    initialise()
    logins = load_demonstration() if demonstration else []
    children = [
        Supervised("web server", gunicorn(f"127.0.0.1:{port}")),
        Supervised("worker", [sys.executable, "-m", "tocsin.cli", "worker"]),
    ]
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    _announce(url, port, logins)
    while not stop.is_set():
        for child in children:
            child.look_after(time.monotonic())
        stop.wait(0.5)
    for child in children:
        child.stop()
    return 0


def _announce(url: str, port: int, logins: list[tuple[str, str]]) -> None:
    local = f"http://localhost:{port}"
    print(f"\nTocsin runs at {local} (console: {local}/console/). Stop it with Ctrl-C.")
    if url != local:
        print(f"Links that leave by mail begin with {url}.")
    for name, password in logins:
        print(f"  demonstration login: {name} / {password}")
    sys.stdout.flush()


def run_serve(args: argparse.Namespace) -> int:
    """`tocsin serve`."""
    if args.door or args.console:
        os.environ["TOCSIN_ROLE"] = "door" if args.door else "console"
    refuse_broken_platforms()
    from tocsin.commands import django as start

    start.start()
    if not _may_serve():
        return 1
    os.execv(sys.executable, gunicorn(args.bind, args.processes or min(2, os.cpu_count() or 1)))  # noqa: S606 - a fixed program, no shell
    return 0


def _may_serve() -> bool:
    """The start-up checks; what is wrong, or could be better, is said in sentences."""
    from django.conf import settings
    from django.core.checks import ERROR, run_checks
    from django.core.management import call_command

    found = run_checks()
    for check in found:
        print(f"{check.id}: {check.msg} {check.hint or ''}".rstrip(), file=sys.stderr)
    if any(check.level >= ERROR for check in found):
        print("Nothing was started.", file=sys.stderr)
        return False
    if settings.TOCSIN_ROLE in ("door", "console"):  # each has a home of its own
        call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
    return True


def run_worker(args: argparse.Namespace) -> int:
    """`tocsin worker`."""
    refuse_broken_platforms()
    from tocsin.commands import django as start

    start.start()
    from tocsin.server import worker

    if args.once:
        print(f"{worker.run_until_idle()} rows done.")
    else:
        worker.run_forever()
    return 0
