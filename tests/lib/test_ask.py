"""Questions in the database's own words: lists of any length, times with their zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tocsin.audit.models import AuditRow
from tocsin.audit.record import record
from tocsin.lib.ask import act, ask, json_of, time_of
from tocsin.lib.writing import write

pytestmark = pytest.mark.django_db


def _three() -> list[int]:
    with write():
        for n in range(3):
            record("worker", "test.asked", f"thing:{n}", n=n)
    return list(AuditRow.objects.filter(action="test.asked").order_by("pk").values_list("pk", flat=True))


def test_a_list_travels_as_one_value_however_long() -> None:
    ids = _three()
    statement = "SELECT id, object FROM audit_auditrow WHERE id {among} AND action = %s ORDER BY id"
    wanted = [*ids[:2], *range(10**9, 10**9 + 40_000)]  # more than SQLite takes as variables
    assert ask(statement, wanted, "test.asked") == [(ids[0], "thing:0"), (ids[1], "thing:1")]
    assert ask(statement, [], "test.asked") == []
    assert ask(statement, set(ids), "test.other") == []
    named = "SELECT id FROM audit_auditrow WHERE object {among}"
    assert ask(named, ["thing:2", "thing:'; --"]) == [(ids[2],)]


def test_times_and_json_come_back_as_what_they_are() -> None:
    ids = _three()
    before = timezone.now()
    rows = ask("SELECT at, detail FROM audit_auditrow WHERE id {among} AND at <= %s ORDER BY id", ids, before)
    whole = ask("SELECT MAX(at) FROM audit_auditrow WHERE id {among}", ids)  # SQLite gives this one as text
    assert [json_of(detail) for _at, detail in rows] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert all(
        time_of(at).tzinfo is not None and time_of(at) <= before for at, _detail in [*rows, *whole * 0]
    )
    assert time_of(whole[0][0]) == max(time_of(at) for at, _detail in rows)
    assert time_of("2026-05-01 10:00:00.5") == datetime(2026, 5, 1, 10, 0, 0, 500000, tzinfo=UTC)


def test_an_act_tells_how_many_rows_it_changed() -> None:
    from tocsin.lib.models import LowWater

    LowWater.objects.create(step="test.step", below=1)
    with write():
        assert (
            act("UPDATE lib_lowwater SET below = below + %s WHERE step {among}", 4, ["test.step", "no"]) == 1
        )
    assert LowWater.objects.get(step="test.step").below == 5
