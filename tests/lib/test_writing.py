"""Writers queue up instead of failing: many threads, one counter, nothing lost."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from tocsin.lib.models import LowWater
from tocsin.lib.writing import write


@pytest.mark.django_db(transaction=True)
def test_eight_threads_add_up() -> None:
    LowWater.objects.create(step="counter", below=0)
    errors: list[BaseException] = []

    def add() -> None:
        try:
            for _ in range(10):
                with write():
                    row = LowWater.objects.select_for_update().get(pk="counter")
                    row.below += 1
                    row.save()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert LowWater.objects.get(pk="counter").below == 80


@pytest.mark.django_db(transaction=True)
def test_sqlite_runs_in_wal_with_full_synchronisation() -> None:
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"
        return
    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
