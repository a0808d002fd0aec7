"""What many threads write at once is one batch, and each gets its own answer or error."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tocsin.lib.together import Together


def test_a_single_caller_writes_for_itself() -> None:
    together: Together[int, int] = Together(lambda items: [item * 2 for item in items])
    assert [together.submit(n) for n in range(3)] == [0, 2, 4]


def test_threads_that_wait_are_written_by_one_and_each_gets_its_answer() -> None:
    batches: list[int] = []
    writing, go_on = threading.Event(), threading.Event()

    def write(items: Sequence[int]) -> list[int]:
        batches.append(len(items))
        writing.set()
        assert go_on.wait(10)
        return [item * 2 for item in items]

    together: Together[int, int] = Together(write, most=64)
    answers: dict[int, int] = {}
    threads = [
        threading.Thread(target=lambda n=n: answers.__setitem__(n, together.submit(n))) for n in range(9)
    ]
    threads[0].start()
    assert writing.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(together._waiting) < 8:  # the first writes; all others wait
        pass
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert answers == {n: n * 2 for n in range(9)}
    assert batches == [1, 8]


def test_an_item_that_fails_spoils_no_other_of_its_batch() -> None:
    def write(items: Sequence[int]) -> list[int]:
        if 3 in items:
            raise ValueError("three")
        return list(items)

    together: Together[int, int] = Together(write)
    errors: list[int] = []

    def submit(n: int) -> None:
        try:
            assert together.submit(n) == n
        except ValueError:
            errors.append(n)

    with together._turn:  # all five wait, so they are one batch
        threads = [threading.Thread(target=submit, args=(n,)) for n in range(1, 6)]
        for thread in threads:
            thread.start()
        while len(together._waiting) < 5:
            pass
    for thread in threads:
        thread.join(10)
    assert errors == [3]


def test_more_than_one_batch_is_taken_in_turns() -> None:
    sizes: list[int] = []

    def write(items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        return items

    together: Together[int, int] = Together(write, most=2)
    with together._turn:
        threads = [threading.Thread(target=together.submit, args=(n,)) for n in range(5)]
        for thread in threads:
            thread.start()
        while len(together._waiting) < 5:
            pass
    for thread in threads:
        thread.join(10)
    assert sum(sizes) == 5
    assert max(sizes) <= 2


def test_an_error_reaches_its_caller() -> None:
    def write(items: Sequence[int]) -> Sequence[int]:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        Together[int, int](write).submit(1)
