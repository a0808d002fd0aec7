"""The reference of `intake.py`: the view of `_bare_app.py` behind gunicorn, on a fresh database."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent


@contextlib.contextmanager
def serving(database: str, port: int) -> Iterator[None]:
    """The bare view behind gunicorn (gthread, two processes of four threads) on a fresh database."""
    env = os.environ | {"BARE_DATABASE": database, "PYTHONPATH": str(HERE)}
    subprocess.run([sys.executable, HERE / "_bare_app.py"], env=env, check=True)
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "_bare_app:application()", "--bind", f"127.0.0.1:{port}", "--workers", "2",
             "--threads", "4", "--worker-class", "gthread", "--log-level", "warning"],
            env=env, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(port)
            yield
        finally:
            server.terminate()
            server.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit("the bare view did not start")
