"""The chain: gap-free, append-only, and it names the first broken row."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tocsin.audit.chain import chain, verify
from tocsin.audit.models import AuditRow, ChainHead
from tocsin.audit.record import OutsideTransaction, record
from tocsin.lib.writing import write

pytestmark = pytest.mark.django_db


def fill(count: int) -> None:
    with write():
        for number in range(count):
            record("user:1", "test.done", f"row:{number}", number=number)


def verdict() -> object:
    return [found for _rows, found in verify() if found][-1]


def without_triggers(sql: str) -> None:
    """What somebody with the whole database in hand could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_no_update")
            cursor.execute("DROP TRIGGER audit_no_delete")
        else:
            cursor.execute("ALTER TABLE audit_auditrow DISABLE TRIGGER USER")
        cursor.execute(sql)


def test_rows_get_positions_without_gaps_and_all_hold() -> None:
    fill(25)
    assert chain(10) == 10
    assert chain(100) == 15
    assert chain(100) == 0
    assert list(AuditRow.objects.order_by("id").values_list("position", flat=True)) == list(range(1, 26))
    found = verdict()
    assert (found.rows, found.unchained, found.broken_at) == (25, 0, None)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("UPDATE audit_auditrow SET action = 'test.other' WHERE position = 4", 4),
        ("DELETE FROM audit_auditrow WHERE position = 4", 4),
        ("DELETE FROM audit_auditrow WHERE position > 7", 8),
        ("UPDATE audit_auditrow SET actor = 'user:2' WHERE position = 1", 1),
    ],
)
def test_the_first_broken_row_is_named(sql: str, at: int) -> None:
    fill(10)
    chain(100)
    without_triggers(sql)
    assert verdict().broken_at == at  # type: ignore[attr-defined]


def test_two_rows_that_changed_places_are_found() -> None:
    fill(6)
    chain(100)
    without_triggers("UPDATE audit_auditrow SET position = -position WHERE position IN (2, 3)")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditrow SET position = 5 + position WHERE position IN (-2, -3)")
    assert verdict().broken_at == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("act", ["delete", "update", "unchain"])
def test_the_database_itself_refuses_to_change_a_row(act: str) -> None:
    fill(1)
    chain(10)
    row = AuditRow.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        if act == "delete":
            row.delete()
        elif act == "update":
            AuditRow.objects.update(actor="user:9")
        else:
            AuditRow.objects.update(position=None, digest=None)


def test_an_unchained_row_cannot_be_changed_either() -> None:
    fill(1)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRow.objects.update(detail={})


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        record("user:1", "test.done", "row:1")


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_hole() -> None:
    fill(2)
    with pytest.raises(ZeroDivisionError), write():
        record("user:1", "test.undone", "row:9")
        raise ZeroDivisionError
    fill(2)
    chain(100)
    assert sorted(AuditRow.objects.values_list("position", flat=True)) == [1, 2, 3, 4]
    assert ChainHead.objects.get().position == 4
