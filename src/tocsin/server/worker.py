"""The worker: the whole system on one page, in the order in which a tip walks through it.

Every step takes what is ready, in batches, danger first, and returns how many rows it did. The loop goes round
until nothing is left, then waits a moment. It can be killed at any line: what was not committed is done again.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.db import Error, close_old_connections, connection

from tocsin.audit import steps as audit
from tocsin.cases import steps as cases
from tocsin.dispatch import steps as dispatch
from tocsin.lib.ask import ask
from tocsin.linking import steps as linking
from tocsin.linking.copies import copies
from tocsin.outcomes import steps as outcomes
from tocsin.post import steps as post
from tocsin.statistics import steps as statistics
from tocsin.tips import steps as tips
from tocsin.tips.chat import steps as bot
from tocsin.tips.claims import claims
from tocsin.tips.mail import steps as mailbox
from tocsin.tips.message_steps import messages

Step = Callable[[int], int]
STEPS: list[tuple[str, Step, int]] = [
    ("tips.mail", mailbox.mail, 100),  # tip mailbox (IMAP) -> tips; visits it in a thread of its own
    ("tips.chat", bot.chat, 100),  # messages to the chat bot -> tips, in a thread of its own too
    ("tips.read", tips.read, 500),  # narrative -> identifiers and mentions
    ("tips.claims", claims, 100),  # one-time links that were opened: mailboxes to their new receipts
    (
        "tips.messages",
        messages,
        200,
    ),  # what reporters wrote in their mailbox, and what left addresses are told
    ("linking.copies", copies, 500),  # text -> sketch: which tips forward one message
    ("linking.link", linking.link, 500),  # mentions -> links
    ("cases.place", cases.place, 500),  # links -> cases
    ("cases.cut", cases.cut, 10),  # hubs found late: what they had glued comes apart again
    ("cases.score", cases.score, 500),  # text and answers -> signals, lane
    ("cases.alarms", cases.alarms, 500),  # immediate cases -> calls to whoever is on duty
    ("tips.reread", cases.reread, 200),  # a data file changed: mentions, links and places again
    ("dispatch.answers", dispatch.answers, 100),  # what recipients posted
    ("dispatch.release", dispatch.release, 100),  # approved, not held, police first -> outbox
    ("post.send", post.send, 50),  # outbox -> SMTP
    ("dispatch.follow", dispatch.follow, 100),  # outbox states -> dispatch states, reply pages
    ("dispatch.supplements", dispatch.supplements, 100),  # new on a dispatched case -> a draft for people
    ("outcomes.clocks", outcomes.clocks, 500),  # when did what happen
    ("tips.progress", tips.progress, 500),  # what the reporter may see
    ("tips.forget", tips.forget, 500),  # numbers of networks, a day after
    ("statistics.publish", statistics.publish, 1),  # daily figures for the door
    ("audit.chain", audit.chain, 2000),  # committed rows -> chain
]
PAUSE_SECONDS = 0.5
MEMORY_KB = 65_536  # of the database that the worker keeps at hand on SQLite
NICE = 10  # the doors come first: when both want the processor, a tip is taken in before another one is read
MOST_REST = 0.5  # seconds
# which part of its limit a step takes at once while tips come in: as long as it writes on SQLite no tip can be taken
# in, and on both they share the processor. Otherwise whole batches, whose cost a tip is two thirds of that.
PART = 4


log = logging.getLogger(__name__)


def run_once(rest: Callable[[float], object] | None = None) -> int:
    """One walk through all steps; returns how many rows were done.

    `rest(seconds)` is given while tips come in: steps take smaller batches then, and it is called after a step that
    found as much as it could take, with the time that it took: in a storm the worker leaves the doors half of the time.
    """
    done = 0
    for name, step, limit in STEPS:
        most, began, found = max(1, limit // PART) if rest else limit, time.monotonic(), 0
        try:
            found = step(most)
        except Exception as error:  # a broken step must not stop the others; rows are retried by lib/steps.py
            log.error("step %s broke: %s", name, type(error).__name__)
        done += found
        if rest is not None and found >= most > 1:
            rest(time.monotonic() - began)
    return done


class Arrivals:
    """Whether tips came in since one looked the last time: then the doors go first."""

    def __init__(self) -> None:
        self._newest = self._now()

    def any(self) -> bool:
        """Look now."""
        before, self._newest = self._newest, self._now()
        return self._newest != before

    @staticmethod
    def _now() -> int | None:
        try:
            newest: int | None = ask("SELECT MAX(id) FROM tips_tip")[0][0]
        except Error:  # the database is away: each step says so by itself, and the worker goes on
            return None
        return newest


def remember_more() -> None:
    """On SQLite: keep more of the file in this process's memory. A tip is looked up in a dozen indexes."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{MEMORY_KB}")


def run_until_idle(most: int = 10_000) -> int:
    """Walk until nothing is left to do (tests, `tocsin process`)."""
    total = 0
    for _ in range(most):
        done = run_once()
        total += done
        if not done:
            break
    return total


def run_forever() -> None:
    """The worker process: until SIGTERM or SIGINT."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    def rest(took: float) -> None:
        stop.wait(min(MOST_REST, took))

    os.nice(NICE)
    remember_more()
    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    arrivals = Arrivals()
    while not stop.is_set():
        close_old_connections()
        if not run_once(rest if arrivals.any() else None):
            stop.wait(PAUSE_SECONDS)
