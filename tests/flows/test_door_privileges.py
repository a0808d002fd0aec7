"""PostgreSQL: with one privilege more or less than it needs, the door does not start."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from stack import ROOT, running
from test_door_refuses import refused
from test_split import Door

pytestmark = pytest.mark.journey

GRANTS = {  # what is done to the role -> what the door says, and does not start
    "GRANT SELECT (narrative_sealed) ON tips_tip TO door": "may SELECT tips_tip.narrative_sealed",
    "GRANT SELECT ON cases_case TO door": "may SELECT cases_case.id",
    "GRANT SELECT ON accounts_user TO door": "may SELECT accounts_user.id",
    "GRANT UPDATE ON tips_reportercopy TO door": "may UPDATE tips_reportercopy.id",
    "GRANT DELETE ON tips_tip TO door": "may DELETE tips_tip.id",
    "GRANT INSERT ON tips_switch TO door": "may INSERT tips_switch.id",
    "GRANT CREATE ON SCHEMA public TO door": "may make tables and functions",
    "GRANT pg_read_all_data TO door": "may act as another role",
    "ALTER ROLE door CREATEROLE": "may make roles",
    "REVOKE INSERT ON tips_tip FROM door": "may not INSERT tips_tip",
}
UNDO = "REVOKE CREATE ON SCHEMA public FROM door; REVOKE pg_read_all_data FROM door; ALTER ROLE door NOCREATEROLE"


def test_one_privilege_more_or_less_and_the_door_does_not_start() -> None:

    with running("granted") as stack:
        secret = stack.home / "door.password"
        secret.write_text("clay-and-water")
        stack.tocsin("door-role", "--password-file", str(secret))
        door = Door(stack, stack.home / "door")
        for sql, sentence in GRANTS.items():
            with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as admin:
                admin.execute(sql)
                try:
                    said = refused(door.env)
                finally:
                    admin.execute(UNDO)
            assert sentence in said, (sql, said)
            assert "tocsin door-role" in said
            assert "Traceback" not in said
            stack.tocsin("door-role")
        (door.home / "keys" / "hotline.key.bak").write_bytes(
            (stack.home / "keys" / "hotline.key").read_bytes()
        )
        assert "none of the door's keys" in refused(door.env)
        (door.home / "keys" / "hotline.key.bak").unlink()
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "tocsin.server.wsgi:application",
            "--bind",
            "127.0.0.1:0",
        ]
        wrong = door.env | {"DATABASE_URL": stack.env["DATABASE_URL"]}
        done = subprocess.run(
            gunicorn, env=wrong, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode != 0
        assert "superuser" in done.stderr, "also when it is not started by our command"
        door.start(stack)
