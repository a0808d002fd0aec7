"""The hotline's key is replaced while it works: old rows open, are sealed again, and a kill in between costs nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import ROOT, Stack, running

pytestmark = pytest.mark.journey

TAKE = """
from tocsin.tips.accept import Incoming, accept
accept([Incoming(text=f"kiln {n} t.me/kiln_room_{n}", contact=f"c{n}@example.org") for n in range(%d)])
"""
READ = """
from tocsin.tips import queries
from tocsin.tips.models import Tip
tips = list(Tip.objects.order_by("pk"))
print(json.dumps([[queries.narrative(t, None) for t in tips], [queries.contact(t) for t in tips]]))
"""


def counted(stack: Stack) -> dict[str, int]:
    said = json.loads(stack.tocsin("keys", "status", "--json").stdout)
    assert said["schema"] == "tocsin.keys.status"
    return {name: sum(columns.values()) for name, columns in said["keys"].items()} | {
        "present": said["present"]
    }


@pytest.fixture
def kiln() -> Iterator[Stack]:
    with running("keys") as stack:
        yield stack


def test_a_new_key_opens_nothing_less_and_rotation_can_be_killed(kiln: Stack) -> None:
    kiln.script(TAKE % 300)
    before = counted(kiln)
    old = str(before["present"])
    kiln.tocsin("keys", "new")
    after = counted(kiln)
    new = str(after["present"])
    assert new != old
    assert after[old] == before[old]
    kiln.script(TAKE % 3)
    assert counted(kiln)[new] > 0
    early = kiln.tocsin("keys", "retire", old, check=False)
    assert early.returncode == 1
    assert "still need" in early.stderr
    texts, contacts = kiln.script(READ)
    assert len(texts) == 303
    assert contacts[299] == "c299@example.org"
    copies = kiln.number("SELECT count(*) FROM tips_reportercopy")

    process = subprocess.Popen(
        [sys.executable, "-c", SLOW], env=kiln.env, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "one batch"
    process.send_signal(signal.SIGKILL)
    process.wait()
    half = counted(kiln)
    assert 0 < half[old] < after[old]  # the batch that was done is kept

    said = kiln.tocsin("keys", "rotate")
    assert "No row needs an old key any more" in said.stdout
    done = counted(kiln)
    assert old not in done
    retired = kiln.tocsin("keys", "retire", old)
    assert "opens nothing any more" in retired.stdout
    assert kiln.script(READ) == [texts, contacts]
    assert kiln.number("SELECT count(*) FROM tips_reportercopy") == copies
    audit = kiln.number("SELECT count(*) FROM audit_auditrow WHERE action IN ('keys.made', 'keys.rotated')")
    assert audit >= 3


SLOW = """
import django, time
django.setup()
from tocsin.lib import rotation
for done in rotation.reseal(batch=50):
    print("one batch", flush=True)
    time.sleep(3600)  # until it is killed
"""


def test_a_process_that_runs_meanwhile_opens_what_the_new_key_sealed(kiln: Stack) -> None:
    kiln.start("worker")
    kiln.script(TAKE % 2)
    kiln.tocsin("keys", "new")
    kiln.script(TAKE % 2)
    from stack import wait_for

    wait_for("all four to be read", lambda: kiln.number("SELECT count(*) FROM tips_reading") == 4)
    assert kiln.number("SELECT count(*) FROM lib_stepfailure") == 0


def test_a_backup_carries_the_old_keys(kiln: Stack, tmp_path: Path) -> None:
    kiln.script(TAKE % 2)
    kiln.tocsin("keys", "new")
    kiln.tocsin("backup", str(tmp_path / "b"))
    with running("again", empty=True) as other:
        other.tocsin("restore", str(tmp_path / "b"), *(["--force"] if "DATABASE_URL" in other.env else []))
        assert other.script(READ)[0] == kiln.script(READ)[0]
        assert len(list((other.home / "keys" / "old").iterdir())) == 1
        other.tocsin("keys", "rotate")


def test_a_pair_that_does_not_lie_in_files_is_not_replaced(kiln: Stack) -> None:
    private = (kiln.home / "keys" / "hotline.key").read_text().strip()
    kiln.env["TOCSIN_PRIVATE_KEY"] = private
    said = kiln.tocsin("keys", "new", check=False)
    assert said.returncode == 1
    assert "Nothing was changed" in said.stderr
    assert (kiln.home / "keys" / "hotline.key").read_text().strip() == private


def test_keys_come_from_systemd_credentials(kiln: Stack, tmp_path: Path) -> None:
    kiln.script(TAKE % 1)
    folder = tmp_path / "credentials"
    folder.mkdir()
    for file in list((kiln.home / "keys").iterdir()):
        file.rename(folder / file.name)
    assert kiln.tocsin("keys", "status", check=False).returncode != 0
    kiln.env["CREDENTIALS_DIRECTORY"] = str(folder)
    assert kiln.script(READ)[0] == ["kiln 0 t.me/kiln_room_0"]


CHANGED = """
import django; django.setup()
from tocsin.lib import rotation, sealing
from tocsin.tips.models import Tip
real = rotation._again
def meanwhile(sealed, public):
    # somebody changes a row between our look and our writing
    Tip.objects.order_by("pk").filter(city_sealed=None).update(city_sealed=sealing.seal("somewhere"))
    Tip.objects.filter(pk=Tip.objects.order_by("pk").first().pk).update(contact_sealed=sealing.seal("changed"))
    return real(sealed, public)
rotation._again = meanwhile
for column, rows in rotation.reseal():
    pass
"""


def test_a_row_that_changes_meanwhile_keeps_its_change(kiln: Stack) -> None:
    kiln.script(TAKE % 5)
    kiln.tocsin("keys", "new")
    kiln.script(CHANGED)
    kiln.tocsin("keys", "rotate")
    _texts, contacts = kiln.script(READ)
    assert contacts == ["changed", *(f"c{n}@example.org" for n in range(1, 5))]


def test_the_reporters_and_recipients_copies_stay_byte_for_byte(kiln: Stack) -> None:
    copies = (
        "import hashlib\nfrom tocsin.tips.models import Message, ReporterCopy\nfrom tocsin.dispatch.models import PageCopy\n"
        "rows = [bytes(v) for q in (ReporterCopy.objects.values_list('sealed'), PageCopy.objects.values_list('sealed'), "
        "Message.objects.values_list('copy_sealed')) for (v,) in q.order_by('pk')]\n"
        "print(json.dumps([len(rows), hashlib.sha256(b''.join(rows)).hexdigest()]))"
    )
    kiln.script(
        "from tocsin.tips import messages\nfrom tocsin.tips.accept import Incoming, accept\n"
        "(one,) = accept([Incoming(text='kiln')])\nmessages.write_in(one.receipt, 'form', messages.TEXT, 'more')"
    )
    before = kiln.script(copies)
    assert before[0] == 2
    kiln.tocsin("keys", "new")
    kiln.tocsin("keys", "rotate")
    assert kiln.script(copies) == before
