"""Sealing in a process of its own: a large import then uses two cores, one to seal and one to read and store.

The other process has the same environment, seals with the public key and never opens the database.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django

from tocsin.lib.rows import again
from tocsin.tips import accept
from tocsin.tips.accept import Draft, Incoming
from tocsin.tips.models import Tip

WORTH_IT = 4_000_000  # bytes of a file; a smaller one is done before the process has started
GIVEN = 2  # batches that the other process has at once; what comes while it has them is sealed here
_MOST_SENDERS = 100_000
Sealed = list[tuple[str, dict[str, Any]]]
_senders: dict[str, bytes | None] = {}


class Sealers:
    """`submit` a batch, `take` its drafts: from another process for a large file, else from a thread."""

    def __init__(self, path: Path | None) -> None:
        large = path is not None and path.stat().st_size >= WORTH_IT and (os.cpu_count() or 1) > 1
        self._pool: ProcessPoolExecutor | ThreadPoolExecutor
        self._given: list[Future[Sealed]] = []
        if large:
            context = multiprocessing.get_context("spawn")  # a fork would share the open database
            self._pool, self._most = (
                ProcessPoolExecutor(1, mp_context=context, initializer=django.setup),
                GIVEN,
            )
            self._given = [self._pool.submit(seal, []) for _ in range(GIVEN)]  # until it is up, it is busy
        else:
            self._pool, self._most = ThreadPoolExecutor(1), sys.maxsize

    def __enter__(self) -> Sealers:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(self, items: Sequence[Incoming]) -> Future[Sealed]:
        """Begin to seal a batch of quiet tips. Where the other process has enough to do it is sealed at once."""
        self._given = [one for one in self._given if not one.done()]
        if len(self._given) >= self._most:
            mine: Future[Sealed] = Future()
            mine.set_result(seal(list(items)))
            return mine
        future = self._pool.submit(seal, list(items))
        self._given.append(future)
        return future

    @staticmethod
    def take(future: Future[Sealed]) -> list[Draft]:
        """The batch's drafts, once it is sealed."""
        return [Draft(receipt, again(Tip, values), "", True) for receipt, values in future.result()]


def seal(items: list[Incoming]) -> Sealed:
    """(receipt, values of the row) of each tip. A sender of many messages is sealed once."""
    if len(_senders) > _MOST_SENDERS:
        _senders.clear()
    drafts = accept.drafted(items, senders=_senders)
    return [
        (draft.receipt, {name: value for name, value in draft.tip.__dict__.items() if name != "_state"})
        for draft in drafts
    ]
