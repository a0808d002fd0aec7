"""The process that faces the internet cannot read what it takes in: a real door, and code run in its place."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from stack import ROOT, Stack, free_port, running, wait_for

pytestmark = pytest.mark.journey

SECRET = "the narrative of kiln 77 about clay"
NEEDS = ("hotline.pub", "text.key", "door.secret")


class Door:
    """A process with the door's keys and role only."""

    def __init__(self, stack: Stack, home: Path) -> None:
        (home / "keys").mkdir(parents=True, mode=0o700)
        for name in NEEDS:
            (home / "keys" / name).write_bytes((stack.home / "keys" / name).read_bytes())
        self.home, self.port = home, free_port()
        parts = urlsplit(stack.env["DATABASE_URL"])
        address = parts.netloc.rpartition("@")[2]
        self.env = stack.env | {
            "TOCSIN_HOME": str(home),
            "TOCSIN_ROLE": "door",
            "DATABASE_URL": urlunsplit(parts._replace(netloc=f"door:clay-and-water@{address}")),
        }

    def start(self, stack: Stack) -> None:
        with (self.home / "door.log").open("ab") as log:
            words = ["serve", "--door", "--bind", f"127.0.0.1:{self.port}"]
            process = subprocess.Popen(
                [sys.executable, "-m", "tocsin.cli", *words], env=self.env, cwd=ROOT, stdout=log, stderr=log
            )
        stack.processes.append(process)
        wait_for("the door", lambda: self.ask("/health")[0] == 200)

    def ask(self, path: str, fields: dict[str, str] | None = None, address: str = "") -> tuple[int, str]:
        body = urllib.parse.urlencode(fields).encode() if fields is not None else None
        headers = {"X-Forwarded-For": address} if address else {}
        request = urllib.request.Request(f"http://localhost:{self.port}{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status), answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")
        except OSError:
            return 0, ""

    def token(self, path: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.ask(path)[1])
        assert found, path
        return found[1]

    def code(self, code: str) -> str:
        """Run Python with exactly what the door has: its environment, its files, its database role."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            env=self.env, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Door]]:
    with running("split") as stack:
        secret = tmp_path_factory.mktemp("split") / "password"
        secret.write_text("clay-and-water")
        stack.tocsin("door-role", "--password-file", str(secret))
        door = Door(stack, tmp_path_factory.mktemp("door") / "home")
        door.start(stack)
        yield stack, door


def receipt_in(page: str) -> str:
    found = re.search(r'class="receipt"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found, page[:2000]
    return re.sub(r"<[^>]*>|\s", "", found[1])


def test_every_page_of_the_door_works_under_its_role(split: tuple[Stack, Door]) -> None:
    stack, door = split
    names = stack.script(
        "from django.urls import get_resolver\n"
        "print(json.dumps(sorted({str(p.pattern) for r in get_resolver('tocsin.server.urls_door').url_patterns "
        "for p in getattr(r, 'url_patterns', [r])})))"
    )
    assert len(names) > 10
    for name in names:
        path = "/" + re.sub(r"<[^>]*>", "x", name)
        assert door.ask(path)[0] in (200, 404, 405, 401), path
    assert "permission denied" not in (door.home / "door.log").read_text()


def test_a_tip_comes_in_is_followed_answered_and_added_to(split: tuple[Stack, Door]) -> None:
    stack, door = split
    status, page = door.ask("/", {"text": SECRET, "token": door.token("/"), "danger": "no"})
    assert status == 200
    receipt = receipt_in(page)
    assert door.ask("/status", {"receipt": receipt})[0] == 200
    stack.tocsin("worker", "--once")
    assert (
        stack.script(
            "from tocsin.tips.models import Tip\nfrom tocsin.tips import queries\n"
            "print(json.dumps(queries.narrative(Tip.objects.first(), None)))"
        )
        == SECRET
    )
    status, page = door.ask("/status", {"receipt": receipt})
    assert status == 200
    for path, word, fields in (
        ("/status/write", "Your message was sent.", {"message": "more about kiln 77"}),
        ("/status/tip", "Your tip was added", {"text": "and kiln 78"}),
        ("/status/receipt", "HMAC-SHA-256", {}),
    ):
        found = re.search(path + r'".*?name="token" value="([^"]+)"', page, re.DOTALL)
        sent = fields | {"receipt": receipt, "token": found[1] if found else ""}
        for _retry in range(2):  # a retry reads what it wrote before
            status, answer = door.ask(path, sent)
            assert status == 200 and word in answer, (path, answer[:2000])
    sent = {"text": "about kiln 79", "token": door.token("/objection")}
    first, again = (receipt_in(door.ask("/objection", sent)[1]) for _retry in range(2))
    assert first == again
    assert "What you wrote to us" in door.ask("/status", {"receipt": first})[1]
    assert "permission denied" not in (door.home / "door.log").read_text()


@pytest.mark.parametrize(
    "code",
    [
        "from tocsin.tips.models import Tip; print(bytes(Tip.objects.first().narrative_sealed))",
        "from tocsin.tips.models import Message; print(list(Message.objects.values_list('sealed')))",
        "from tocsin.tips.models import Objection; print(list(Objection.objects.values_list('text_sealed')))",
        "from tocsin.accounts.models import User; print(list(User.objects.all()))",
        "from tocsin.cases.models import Case; print(list(Case.objects.all()))",
        "from tocsin.identifiers.models import Identifier; print(list(Identifier.objects.all()))",
        "from tocsin.audit.models import AuditRow; print(list(AuditRow.objects.all()))",
        "from tocsin.tips.models import Tip; Tip.objects.update(state='closed')",
        "from tocsin.tips.models import Tip; Tip.objects.all().delete()",
        "from tocsin.tips.models import ReporterCopy; ReporterCopy.objects.all().delete()",
        "from django.db import connection; connection.cursor().execute('CREATE TABLE mine (x int)')",
        "from django.db import connection; connection.cursor().execute('SET ROLE tocsin')",
        "from django.db import connection; connection.cursor().execute(\"COPY (SELECT 1) TO PROGRAM 'id'\")",
    ],
)  # fmt: skip
def test_a_break_in_reads_and_changes_nothing(split: tuple[Stack, Door], code: str) -> None:
    printed = split[1].code(code)
    assert "permission denied" in printed or "must be superuser" in printed, printed[-600:]


def test_a_break_in_finds_no_key_that_opens(split: tuple[Stack, Door]) -> None:
    _stack, door = split
    for name in ("hotline.key", "lookup.key", "console.secret"):
        assert "KeyMissing" in door.code(f"from tocsin.lib import keys; print(keys.load({name!r}))")
    sealed = "from tocsin.lib import sealing; print(sealing.unseal(sealing.seal('clay')))"
    assert "KeyMissing" in door.code(sealed)
    everything = [file for file in door.home.rglob("*") if file.is_file()]
    assert not any(file.name in ("hotline.key", "lookup.key", "console.secret") for file in everything)


def test_no_address_and_no_word_stand_in_the_doors_log(split: tuple[Stack, Door]) -> None:
    _stack, door = split
    door.ask("/", {"text": SECRET, "token": "x"}, address="203.0.113.77")
    door.ask("/nowhere", address="203.0.113.77")
    log = (door.home / "door.log").read_text()
    assert "203.0.113.77" not in log
    assert "127.0.0.1" not in log
    assert "kiln" not in log


def test_the_grants_are_renewed_by_init(split: tuple[Stack, Door]) -> None:
    stack, door = split
    stack.number("SELECT 1")
    import psycopg

    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("REVOKE INSERT ON tips_tip FROM door")
    assert door.ask("/", {"text": "lost?", "token": door.token("/")})[0] == 500
    stack.tocsin("init")
    assert door.ask("/", {"text": "not lost", "token": door.token("/")})[0] == 200
