"""kill -9 of the worker at ten random moments: no tip lost, no case twice, every message sent under one id."""

from __future__ import annotations

import collections
import os
import random
import signal
import time
from typing import Any

import pytest
from stack import running, wait_for

pytestmark = pytest.mark.journey

TIPS = 500
GROUPS = 40

# tips in three shapes: about a group, about two groups that belong together, about nothing
SEND = """
import random
from tocsin.tips.accept import Incoming, accept
rng = random.Random(%(seed)d)
texts = []
for n in range(%(begin)d, %(end)d):
    group = n %% %(groups)d
    link = f"https://t.me/pottery_club_{group:03d}" if n %% 3 else f"t.me/pottery_club_{group:03d}/{n}"
    extra = f" and https://wheel-{group:03d}.example.org/shop" if n %% 5 == 0 else ""
    texts.append(f"tip {n}: see {link}{extra}")
done = []
for begin in range(0, len(texts), 50):
    done += accept([Incoming(text=t, source="process") for t in texts[begin:begin+50]], "cli:test")
print(json.dumps([d.public_id for d in done]))
"""

# two people do what the pages do: confirm, propose, approve
APPROVE = """
from tocsin.accounts.models import User
from tocsin.cases.models import Case
from tocsin.cases import queries, roles
from tocsin.dispatch import plan
from tocsin.dispatch.models import Dispatch, Order
from tocsin.review import assess
ada, ravi = User.objects.get(username="ada"), User.objects.get(username="ravi")
for case in Case.objects.filter(merged_into__isnull=True):
    for row in queries.identifiers_of(case):
        if not row.sealed:
            roles.set_role(case, row.public_id, "reported", ada)
    assess.assess(case, ada, "baseline", "tips", "")
    lines = [line for line in plan.suggest(case) if line.recipient is not None and line.identifiers]
    made = plan.make(case, ada, Order.TOGETHER, lines)
    plan.propose(list(made.dispatches.all()), ada)
for dispatch in Dispatch.objects.filter(state="proposed"):
    plan.approve(dispatch, ravi, dispatch.digest)
print(json.dumps(Dispatch.objects.filter(state="approved").count()))
"""

PROGRESS = "SELECT count(*) FROM audit_auditrow"

# five minutes pass: leases of the dead end, and the pauses after their failures
LATER = """
from tocsin.post.models import Message
from tocsin.lib.models import StepFailure
from django.utils import timezone
Message.objects.filter(state="queued").update(lease_until=None, next_try_at=timezone.now())
print(json.dumps(StepFailure.objects.count()))
"""

RESULT = """
from django.db.models import Count
from tocsin.audit.chain import verify
from tocsin.cases.models import Case, CaseTip, Placed
from tocsin.dispatch.models import Dispatch
from tocsin.post.models import Message
from tocsin.tips.models import Tip
verdict = [found for _rows, found in verify() if found][-1]
groups = {}
for row in CaseTip.objects.select_related("tip", "case"):
    for mention in row.tip.mentions.select_related("identifier"):
        if mention.identifier.kind == "account":
            groups.setdefault(mention.identifier.canonical, set()).add(row.case.number)
print(json.dumps({
    "tips": Tip.objects.count(), "placed": Placed.objects.count(), "in_cases": CaseTip.objects.count(),
    "open_cases": Case.objects.filter(merged_into__isnull=True).count(),
    "cases_of_a_group": [len(found) for found in groups.values()],
    "dispatches": dict(Dispatch.objects.values_list("state").annotate(n=Count("pk"))),
    "messages": list(Message.objects.values_list("message_id", "state")),
    "broken_at": verdict.broken_at, "unchained": verdict.unchained,
}))
"""


def test_a_worker_that_is_killed_again_and_again_loses_nothing() -> None:
    survive(TIPS, kills=10)


@pytest.mark.soak
def test_a_worker_that_is_killed_fifty_times_during_five_thousand_tips_loses_nothing() -> None:
    survive(TIPS * 10, kills=50)


def survive(tips: int, kills: int) -> None:
    """Half of the tips before, half of them while the worker is killed; then count everything."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")  # shown when the test fails
    rng = random.Random(seed)
    with running("killed") as stack:
        half = tips // 2
        stack.script(SEND % {"seed": seed, "begin": 0, "end": half, "groups": GROUPS})
        stack.tocsin("worker", "--once")
        approved = stack.script(APPROVE)
        assert approved >= GROUPS
        stack.script(SEND % {"seed": seed, "begin": half, "end": tips, "groups": GROUPS})
        kill(stack, rng, kills)
        stack.script(LATER)
        stack.tocsin("worker", "--once")
        check(stack.script(RESULT), stack, approved, tips)


def kill(stack: Any, rng: random.Random, times: int) -> None:
    """Each time: wait until it wrote something new (or is idle for good), a random blink, then SIGKILL."""
    for _ in range(times):
        before = stack.number(PROGRESS)
        process = stack.start("worker")
        until = time.monotonic() + rng.uniform(
            0.8, 1.6
        )  # some die while they start, some in the middle of work
        while time.monotonic() < until and process.poll() is None:
            time.sleep(0.01)
        assert process.poll() is None, f"the worker ended by itself: {stack.logs()[-2000:]}"
        os.kill(process.pid, signal.SIGKILL)
        wait_for("the killed worker", lambda process=process: process.poll() is not None)
        assert stack.number(PROGRESS) >= before


def check(found: dict[str, Any], stack: Any, approved: int, tips: int) -> None:
    assert found["tips"] == found["placed"] == found["in_cases"] == tips
    assert found["open_cases"] == GROUPS
    assert set(found["cases_of_a_group"]) == {1}, "no group is in two cases"
    assert found["dispatches"] == {"sent": approved}
    assert {state for _id, state in found["messages"]} == {"sent"}
    sent = collections.Counter(mid for mid, _state in found["messages"])
    assert len(sent) == approved
    arrived: dict[str, set[str]] = {}
    for to, content in stack.letters.taken:
        mid = next(
            line
            for line in content.decode("utf-8", "replace").splitlines()
            if line.lower().startswith("message-id:")
        )
        arrived.setdefault(
            to[0] + content.partition(b"Subject:")[2][:80].decode("utf-8", "replace"), set()
        ).add(mid)
    assert sum(len(ids) for ids in arrived.values()) == approved, (
        "every message arrived, none under a second id"
    )
    assert all(len(ids) == 1 for ids in arrived.values())
    assert (found["broken_at"], found["unchained"]) == (None, 0)
