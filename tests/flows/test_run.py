"""`tocsin run`: two supervised processes, one page, two logins; a second start keeps everything."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack import ROOT, free_port, wait_for


@contextmanager
def started(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TOCSIN_", "DATABASE_"))}
    log = home.parent / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin.cli", "run", "--port", str(port)],
            env={**env, "TOCSIN_HOME": str(home)},
            cwd=ROOT,
            stdout=out,
            stderr=out,
        )
    try:
        wait_for("the page", lambda: answers(port), 90)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def send(port: int, text: str) -> str:
    """Send the form as a browser without JavaScript does; returns the receipt."""
    url = f"http://localhost:{port}/"
    page = urllib.request.urlopen(url, timeout=10).read().decode()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    body = urllib.parse.urlencode({"text": text, "token": token[1], "lang": "en"}).encode()
    request = urllib.request.Request(url, body, {"Origin": f"http://localhost:{port}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Set-Cookie"] is None
        found = re.search(r'<p class="receipt".*?</p>', answer.read().decode(), re.S)
    assert found
    return "".join(re.findall(r"<span>(\w+)</span>", found[0]))


def status(port: int, receipt: str) -> str:
    body = urllib.parse.urlencode({"receipt": receipt, "lang": "en"}).encode()
    request = urllib.request.Request(
        f"http://localhost:{port}/status", body, {"Origin": f"http://localhost:{port}"}
    )
    return str(urllib.request.urlopen(request, timeout=10).read().decode())


def children(process: subprocess.Popen[bytes]) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split()]


def test_a_second_start_keeps_tips_keys_and_logins_and_a_dead_child_comes_back(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    log = tmp_path / "run.log"
    with started(home, port) as process:
        first = log.read_text()
        receipt = send(port, "see https://pottery.example.org/wheel")
        web = children(process)
        assert len(web) == 2
        os.kill(web[0], signal.SIGKILL)
        wait_for(
            "a new web server",
            lambda: children(process) != web and len(children(process)) == 2 and answers(port),
        )
    assert f"http://localhost:{port}" in first
    assert len(re.findall(r"demonstration login: (\w+) / \S+", first)) == 2
    assert home.stat().st_mode & 0o077 == 0
    with started(home, port):
        assert re.findall(r"login: .*", log.read_text()) == re.findall(r"login: .*", first)
        assert '<ol class="stepper">' in status(port, receipt)
        assert "We cannot find this receipt" in status(port, "0" * 20)
    assert "pottery" not in log.read_text()
