"""Group commit: what several threads want to write at the same time is written in one transaction.

Whoever gets the turn writes for all that wait; the others find their answer there. Under load the cost of a
transaction (and of the disk's sync) is shared; a single caller waits for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Waiting(Generic[Item, Answer]):
    __slots__ = ("answer", "done", "error", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.done = False


class Together(Generic[Item, Answer]):
    """Collects the items of many threads for `write`, which takes a batch and gives an answer an item."""

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Answer]], most: int = 64) -> None:
        self._write, self._most = write, most
        self._waiting: list[_Waiting[Item, Answer]] = []
        self._list = threading.Lock()
        self._turn = threading.Lock()

    def submit(self, item: Item) -> Answer:
        """The answer for `item`, once its batch is committed. Raises what writing this item raised."""
        mine: _Waiting[Item, Answer] = _Waiting(item)
        with self._list:
            self._waiting.append(mine)
        with self._turn:
            while not mine.done:
                with self._list:
                    batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                self._run(batch)
        if mine.error is not None:
            raise mine.error
        return mine.answer  # type: ignore[return-value]  # done without an error: it was given

    def _run(self, batch: list[_Waiting[Item, Answer]]) -> None:
        """Write a batch; where it fails, each item by itself, so that one cannot spoil the others."""
        try:
            for waiting, answer in zip(batch, self._write([one.item for one in batch]), strict=True):
                waiting.answer, waiting.done = answer, True
        except BaseException as error:  # handed to whoever waits for it
            if len(batch) > 1 and isinstance(error, Exception):
                for waiting in batch:
                    self._run([waiting])
                return
            for waiting in batch:
                waiting.error, waiting.done = error, True
