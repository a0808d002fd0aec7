"""Rows inserted in one statement are the rows that a save would have written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tocsin.audit.models import AuditRow
from tocsin.cases.models import Case, Lane
from tocsin.lib.models import StepFailure
from tocsin.lib.rows import insert, insert_new, update
from tocsin.tips.models import SharedBody

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 24, 9, 30, 1, 250_000, tzinfo=UTC)


def test_every_kind_of_column_comes_back_as_it_was() -> None:
    detail = {"source": "web", "n": 3, "list": [1, None, True]}
    insert(
        [
            AuditRow(at=AT, actor="door", action="tip.received", object=f"tip:{n}", detail=detail)
            for n in range(3)
        ]
    )
    insert([SharedBody(text_tag="a" * 32, sealed=b"\x00\xff\x01", at=AT)])
    insert([StepFailure(step="s", source_id=7, next_try_at=AT, set_aside=True, reason="é 汉 '; --")])
    rows = list(AuditRow.objects.order_by("pk"))
    assert [(row.at, row.detail, row.object, row.position) for row in rows] == [
        (AT, detail, f"tip:{n}", None) for n in range(3)
    ]
    assert bytes(SharedBody.objects.get().sealed) == b"\x00\xff\x01"
    assert StepFailure.objects.values_list("set_aside", "reason", "attempts").get() == (True, "é 汉 '; --", 1)


def test_only_what_is_new_is_inserted_and_named() -> None:
    first = [SharedBody(text_tag=f"{n:032}", sealed=b"1", at=AT) for n in range(3)]
    assert insert_new(first, "text_tag") == {f"{n:032}" for n in range(3)}
    again = [SharedBody(text_tag=f"{n:032}", sealed=b"2", at=AT) for n in range(5)]
    assert insert_new(again, "text_tag") == {f"{n:032}" for n in (3, 4)}
    assert sorted(bytes(row.sealed) for row in SharedBody.objects.all()) == [b"1"] * 3 + [b"2"] * 2


def test_many_rows_keep_their_order() -> None:
    insert([StepFailure(step="s", source_id=n, next_try_at=AT, reason="") for n in range(1001)])
    assert list(StepFailure.objects.order_by("pk").values_list("source_id", flat=True)) == list(range(1001))


def test_a_broken_constraint_is_an_error_as_with_a_save() -> None:
    row = StepFailure(step="s", source_id=1, next_try_at=AT, reason="")
    insert([row])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([row])


def test_nothing_is_fine() -> None:
    insert([])
    assert insert_new([], "text_tag") == set()


def test_an_update_writes_every_kind_of_column_as_a_save_does() -> None:
    insert(
        [
            Case(number=f"2026-00000{n}", opened_at=AT, first_received_at=AT, last_received_at=AT)
            for n in range(3)
        ]
    )
    cases = list(Case.objects.order_by("pk"))
    for n, case in enumerate(cases[:2]):
        case.lane, case.lane_rank, case.reporters = Lane.HIGH, 1, Decimal("2.5")
        case.lane_reasons = [{"signal": "meeting", "tips": n}]
        case.seen_at, case.worked_on = AT if n else None, True
        case.subject_review_on = AT.date()
        case.subject_sealed = b"\x00\xff"
    names = ["lane", "lane_rank", "lane_reasons", "reporters", "seen_at", "worked_on", "subject_review_on"]
    update(cases[:2], [*names, "subject_sealed"])
    for before, after in zip(cases, Case.objects.order_by("pk"), strict=True):
        assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]
    assert [bytes(case.subject_sealed or b"") for case in Case.objects.order_by("pk")] == [
        b"\x00\xff"
    ] * 2 + [b""]
    update([], names)
