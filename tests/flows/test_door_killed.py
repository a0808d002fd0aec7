"""The web processes are killed in the middle of a storm: every tip whose receipt was shown is there afterwards."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from stack import running, wait_for

from tocsin.lib import mailbox

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import _load

pytestmark = pytest.mark.journey

MAILBOXES = """
from tocsin.tips.models import Tip
print(json.dumps(list(Tip.objects.values_list("mailbox_tag", flat=True))))
"""
TOKENS = """
from tocsin.lib import signing
print(json.dumps([signing.form_token() for _ in range(30000)]))
"""
SHOWN_BEFORE_THE_KILL = 150


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def test_every_receipt_that_was_shown_is_on_disk_after_kill_9() -> None:
    with running("doorkill") as stack:
        stack.env |= {"TOCSIN_TRUSTED_PROXIES": "127.0.0.1", "TOCSIN_STORM_TIPS_PER_MINUTE": "1000000"}
        tokens = iter(stack.script(TOKENS))
        shown: set[str] = set()
        for seed in range(2):
            stack.start_web()
            web, seen = stack.processes[-1], _load.Outcome()

            def load(seen: _load.Outcome = seen, seed: int = seed) -> None:
                try:
                    _load.run(stack.port, 16, 60, _load.tips(tokens, seed), into=seen)
                except OSError:
                    return  # the server is gone: as it should be

            thread = threading.Thread(target=load)
            thread.start()
            wait_for("receipts", lambda seen=seen: len(seen.receipts) >= SHOWN_BEFORE_THE_KILL)
            for pid in family(web.pid):
                os.kill(pid, signal.SIGKILL)
            web.wait()
            thread.join(60)
            assert not thread.is_alive()
            shown |= set(seen.receipts)
        assert len(shown) >= 2 * SHOWN_BEFORE_THE_KILL
        stored = set(stack.script(MAILBOXES))
        assert [receipt for receipt in shown if mailbox.tag(receipt) not in stored] == []
