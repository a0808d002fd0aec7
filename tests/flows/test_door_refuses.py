"""A door that could read what it takes in says so and does not start; on SQLite there is no door of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from stack import ROOT, free_port, running

pytestmark = pytest.mark.journey

NEEDS = ("hotline.pub", "text.key", "door.secret")


def refused(env: dict[str, str]) -> str:
    words = [sys.executable, "-m", "tocsin.cli", "serve", "--door", "--bind", f"127.0.0.1:{free_port()}"]
    done = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stdout
    return done.stderr


def test_a_door_that_could_read_does_not_start() -> None:
    with running("refused") as stack:
        said = refused(stack.env)
        assert "hotline.key" in said  # the console's home
        if "DATABASE_URL" in stack.env:
            assert "superuser" in said or "can read cases_case" in said
        else:
            assert "needs PostgreSQL" in said
        env = {key: value for key, value in stack.env.items() if key != "TOCSIN_HOME"}
        folder = stack.home / "door"
        (folder / "keys").mkdir(parents=True)
        for name in NEEDS:
            (folder / "keys" / name).write_bytes((stack.home / "keys" / name).read_bytes())
        credentials = stack.home / "credentials"
        credentials.mkdir()
        (credentials / "hotline.key").write_bytes((stack.home / "keys" / "hotline.key").read_bytes())
        said = refused(env | {"TOCSIN_HOME": str(folder), "CREDENTIALS_DIRECTORY": str(credentials)})
        assert "hotline.key" in said
        assert "Traceback" not in said
