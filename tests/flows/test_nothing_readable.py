"""No word that was sent is in the database file, its WAL, a backup or a dump: the test greps the bytes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from stack import Stack, running

pytestmark = pytest.mark.journey

# invented words that occur nowhere else
NARRATIVE = "zanzibarbaz the potter promised quuxolotl lessons at t.me/copper_finch01"
CONTACT = "reporter.vexillum@mail.example"
CITY = "Xyzzyville"
NOTE = "plughnote about the wheel"
SUBJECT = "Frobnitz Potterson"
WORDS = "gallimaufry reasons of the analyst"
ANSWER = "snollygoster reply of the platform"
WRITTEN = "borborygmus is what the reporter adds"
ASKED = "callipygos is what the hotline asks back"
OBJECTION = "my kiln is not what taradiddle says"
OBJECTOR = "absquatulate@kiln.example"
STORM = "the same flapdoodle from many people"
DELETED = "widdershins, and then deleted"
SECRET_WORDS = [
    "zanzibarbaz",
    "quuxolotl",
    "vexillum",
    "Xyzzyville",
    "plughnote",
    "Frobnitz",
    "gallimaufry",
    "snollygoster",
    "borborygmus",
    "callipygos",
    "taradiddle",
    "absquatulate",
    "flapdoodle",
    "widdershins",
]

FILL = """
from tocsin.accounts.models import User
from tocsin.tips.accept import Incoming, accept
from tocsin.tips.models import Message, Objection, SharedBody, Tip
from tocsin.server.worker import run_until_idle
(first,) = accept([Incoming(text=%(narrative)r, contact=%(contact)r, city=%(city)r)], "door")
run_until_idle()
from tocsin.cases.models import Case
from tocsin.cases import findings, notes, queries, roles, subject
from tocsin.review import assess
from tocsin.dispatch import plan
from tocsin.dispatch.models import Dispatch, Order
ada, ravi = User.objects.get(username="ada"), User.objects.get(username="ravi")
case = Case.objects.get()
notes.add(case, ada, %(note)r)
subject.set_subject(case, ada, name=%(subject)r, city="harbin", country="CN")
for row in queries.identifiers_of(case):
    roles.set_role(case, row.public_id, "reported", ada)
assess.assess(case, ada, "baseline", "tips", %(words)r)
lines = [line for line in plan.suggest(case) if line.recipient is not None and line.identifiers]
made = plan.make(case, ada, Order.TOGETHER, lines, words=%(words)r)
plan.propose(list(made.dispatches.all()), ada)
for dispatch in Dispatch.objects.filter(state="proposed"):
    plan.approve(dispatch, ravi, dispatch.digest)
run_until_idle()
from tocsin.lib import mailbox, sealing, signing
from tocsin.dispatch.models import Answer
from django.utils import timezone
notice = Dispatch.objects.filter(kind="notice").first()
Answer.objects.create(nonce="n1", tag=notice.mailbox_tag, received_at=timezone.now(),
    sealed=sealing.seal_json({"items": {}, "text": %(answer)r}))
run_until_idle()
tip = Tip.objects.get()
from tocsin.tips import bodies, messages, objections, queries as tips
messages.write_in(first.receipt, "a form", messages.TEXT, %(written)r)
messages.send([messages.Box.of(tip)], %(asked)r, ada)
objections.file(%(objection)r, %(objector)r, "a form")
accept([Incoming(text=%(storm)r) for _ in range(5)], "door", storm=True)
run_until_idle()
read = [line.text for line in messages.of_box(first.receipt).lines]
assert sorted(read) == sorted([%(written)r, %(asked)r]), read
assert {bodies.text_of(one) for one in Tip.objects.filter(body__isnull=False)} == {%(storm)r}
assert SharedBody.objects.count() == 1
assert sealing.unseal(Objection.objects.get().text_sealed) == %(objection)r
for number in range(60):  # pages that are free again: they must not hold a word either
    messages.write_in(first.receipt, f"form {number}", messages.TEXT, %(deleted)r * 20)
before = Message.objects.count()
Message.objects.order_by("-pk").filter(pk__gt=Message.objects.order_by("pk")[1].pk).delete()
assert (before, Message.objects.count()) == (62, 2)
print(json.dumps([Dispatch.objects.filter(state__in=["sent", "acknowledged", "acted"]).count(), tips.narrative(tip, None)]))
"""


def fill(stack: Stack) -> None:
    values = {
        "narrative": NARRATIVE, "contact": CONTACT, "city": CITY, "note": NOTE, "subject": SUBJECT, "words": WORDS,
        "answer": ANSWER, "written": WRITTEN, "asked": ASKED, "objection": OBJECTION, "objector": OBJECTOR,
        "storm": STORM, "deleted": DELETED,
    }  # fmt: skip
    sent, narrative = stack.script(FILL % values)
    assert sent >= 2, "a notice and a referral left"
    assert narrative == NARRATIVE, "and yet the hotline reads what was sent"


def holds(path: Path) -> list[str]:
    raw = path.read_bytes()
    return [
        word for word in SECRET_WORDS for coded in (word.encode(), word.encode("utf-16-le")) if coded in raw
    ]


def dump(stack: Stack, to: Path) -> Path:
    """A plain-text dump of PostgreSQL, every value as it is stored."""
    parts = urlsplit(stack.env["DATABASE_URL"])
    subprocess.run(
        ["pg_dump", "--host", str(parts.hostname), "--port", str(parts.port), "--username", str(parts.username),
         "--file", str(to), parts.path.lstrip("/")],
        check=True, env={**os.environ},
    )  # fmt: skip
    return to


def test_no_word_is_in_file_wal_backup_or_dump(tmp_path: Path) -> None:
    with running("sealed") as stack:
        stack.start_web()  # as long as it is connected, SQLite keeps its write-ahead log
        fill(stack)
        backup = tmp_path / "backup"
        stack.tocsin("backup", str(backup))
        files = [backup, *stack.home.glob("tocsin.sqlite3*"), *stack.home.glob("*.log")]
        if "DATABASE_URL" in stack.env:
            files.append(dump(stack, tmp_path / "dump.sql"))
            # pg_dump writes bytes as hex: a word in them would stand there as hex
            text = files[-1].read_text()
            assert [word for word in SECRET_WORDS if word.encode().hex() in text] == []
            assert "copper_finch01" in text, "identifiers are plain: the test looks at the right file"
        else:
            assert any(b"copper_finch01" in path.read_bytes() for path in files)
            assert (stack.home / "tocsin.sqlite3-wal").stat().st_size > 0, "the log is among the files"
            assert stack.number("PRAGMA freelist_count") > 0, "and so are pages that are free again"
        assert {str(path): holds(path) for path in files if holds(path)} == {}


def test_a_backup_brings_every_tip_back(tmp_path: Path) -> None:
    with running("saved") as stack:
        fill(stack)
        backup = tmp_path / "backup"
        stack.tocsin("backup", str(backup))
        assert (tmp_path / "backup.keys").stat().st_mode & 0o077 == 0
        again = stack.tocsin("backup", str(backup), check=False)
        assert again.returncode == 1
        assert "exists already" in again.stderr
        refused = stack.tocsin("restore", str(backup), check=False)
        assert refused.returncode == 1, "nothing is overwritten without being told"
        assert "--force" in refused.stderr
        lose_everything(stack)
        missing = stack.tocsin("restore", str(tmp_path / "elsewhere"), check=False)
        assert missing.returncode == 1
        stack.tocsin("restore", str(backup), *(["--force"] if "DATABASE_URL" in stack.env else []))
        stack.tocsin("init")
        read = stack.script(
            "from tocsin.tips.models import Tip\nfrom tocsin.tips import queries\n"
            "print(json.dumps(queries.narrative(Tip.objects.order_by('pk').first(), None)))"
        )
        assert read == NARRATIVE
        assert json.loads(stack.tocsin("audit", "verify", "--json").stdout)["broken_at"] is None


def lose_everything(stack: Any) -> None:
    for path in [*stack.home.glob("tocsin.sqlite3*"), *stack.home.glob("keys/**/*")]:
        if path.is_file():
            path.unlink()
    if "DATABASE_URL" in stack.env:
        import psycopg

        with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as admin:
            admin.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
