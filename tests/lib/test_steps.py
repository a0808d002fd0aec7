"""Work rows: the row that breaks waits by itself, the others go on; nothing is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from tocsin.audit.models import AuditRow
from tocsin.audit.record import record
from tocsin.lib import steps
from tocsin.lib.models import LowWater, StepFailure
from tocsin.lib.writing import write

pytestmark = pytest.mark.django_db


def rows(count: int) -> list[AuditRow]:
    with write():
        for number in range(count):
            record("cli:test", "test.row", f"row:{number}")
    return list(AuditRow.objects.order_by("pk"))


def test_one_bad_row_is_found_and_the_others_are_done() -> None:
    some, done = rows(9), []

    def batch(part: Sequence[AuditRow]) -> None:
        if any(row.pk == some[4].pk for row in part):
            raise ZeroDivisionError("no content of mine may be kept")
        done.extend(row.pk for row in part)

    assert steps.work("test.step", some, batch) == 8
    assert sorted(done) == [row.pk for row in some if row.pk != some[4].pk]
    failure = StepFailure.objects.get()
    assert (failure.source_id, failure.reason, failure.set_aside) == (some[4].pk, "ZeroDivisionError", False)
    assert some[4].pk in steps.waiting("test.step")


def test_after_eight_attempts_a_row_is_set_aside_and_a_success_forgives() -> None:
    (row,) = rows(1)

    def broken(_part: Sequence[AuditRow]) -> None:
        raise OSError

    now = timezone.now()
    for attempt in range(1, 9):
        with mock.patch("django.utils.timezone.now", return_value=now):
            assert row.pk not in steps.waiting("test.step")
            assert steps.work("test.step", [row], broken) == 0
        failure = StepFailure.objects.get()
        assert (failure.attempts, failure.set_aside) == (attempt, attempt == 8)
        now = failure.next_try_at + timedelta(seconds=1)
    assert list(steps.set_aside()) == [failure]
    assert steps.work("test.step", [row], lambda _part: None) == 1
    assert not StepFailure.objects.exists()


def test_the_low_water_mark_never_passes_an_unprocessed_row() -> None:
    some = rows(5)
    everything = AuditRow.objects.all()
    later = timezone.now() + steps.SETTLED * 2
    with mock.patch("django.utils.timezone.now", return_value=later):
        steps.settle("test.step", everything.filter(pk__in=[some[3].pk]), everything, "at")
        assert steps.low_water("test.step") == some[3].pk - 1
        assert steps.pending("test.step", everything, 10) == some[3:]
        steps.settle("test.step", everything.none(), everything, "at")
        assert steps.low_water("test.step") == some[4].pk


def test_rows_that_are_still_young_do_not_raise_the_mark() -> None:
    rows(3)
    steps.settle("test.step", AuditRow.objects.none(), AuditRow.objects.all(), "at")
    assert not LowWater.objects.exists()


@pytest.mark.parametrize("limit", [2, 3, 4, 9])
def test_what_goes_first_goes_first_however_many_are_taken(limit: int) -> None:
    some = rows(6)
    first = {some[1].object, some[4].object}
    for wanted in first:
        found = steps.pending("test.step", AuditRow.objects.all(), limit, first=("object", wanted))
        others = [row for row in some if row.object != wanted]
        assert found == ([row for row in some if row.object == wanted] + others)[:limit]


def test_a_row_that_failed_waits_also_where_it_would_go_first() -> None:
    some = rows(3)
    later = timezone.now() + timedelta(hours=1)
    StepFailure.objects.create(step="test.step", source_id=some[2].pk, next_try_at=later, reason="")
    StepFailure.objects.create(step="other.step", source_id=some[1].pk, next_try_at=later, reason="")
    assert steps.pending("test.step", AuditRow.objects.all(), 9, first=("object", "row:2")) == some[:2]


def test_the_frame_of_a_step_costs_a_handful_of_questions(django_assert_max_num_queries: Any) -> None:
    rows(3)
    steps.start_over()
    everything = AuditRow.objects.all()
    with django_assert_max_num_queries(6):
        found = steps.pending("test.step", everything, 9, first=("object", "row:2"))
        steps.work("test.step", found, lambda _part: None)
        steps.tidy("test.step", everything, everything, "at")
    with django_assert_max_num_queries(3):  # from now on
        found = steps.pending("test.step", everything, 9, first=("object", "row:2"))
        steps.work("test.step", found, lambda _part: None)
        steps.tidy("test.step", everything, everything, "at")


def test_a_process_settles_a_step_once_a_minute() -> None:
    some = rows(2)
    everything = AuditRow.objects.all()
    steps.start_over()
    now = timezone.now() + steps.SETTLED * 2
    with mock.patch("django.utils.timezone.now", return_value=now):
        steps.tidy("test.step", everything, everything, "at")
        steps.tidy("test.step", everything.none(), everything, "at")
        assert steps.low_water("test.step") == some[0].pk - 1
    with mock.patch("django.utils.timezone.now", return_value=now + steps.TIDIED):
        steps.tidy("test.step", everything.none(), everything, "at")
        assert steps.low_water("test.step") == some[1].pk


def test_a_log_is_followed_and_looked_at_from_its_mark_once_a_minute() -> None:
    now = timezone.now()
    with mock.patch("django.utils.timezone.now", return_value=now):
        assert steps.follows_from("test.log") is None  # a process that begins looks at all
        steps.followed("test.log", 40)
    with mock.patch("django.utils.timezone.now", return_value=now + steps.TIDIED / 2):
        assert steps.follows_from("test.log") == 40
        steps.followed("test.log", 70)
        assert steps.follows_from("test.log") == 70
    with mock.patch("django.utils.timezone.now", return_value=now + steps.TIDIED):
        assert steps.follows_from("test.log") is None  # to follow further does not put the look at all off
    steps.start_over()
    assert steps.follows_from("test.log") is None


def test_in_a_backlog_what_is_done_is_not_walked_over_and_what_comes_late_is_found() -> None:
    some = rows(8)
    done = {some[0].pk, some[1].pk}
    late = some[0].pk  # as if it were committed after the others

    def waiting() -> Any:
        return AuditRow.objects.exclude(pk__in=done)

    assert steps.pending("test.step", waiting(), 2) == some[2:4]
    done |= {some[2].pk, some[3].pk}
    done.discard(late)
    assert steps.pending("test.step", waiting(), 2) == some[4:6]  # begins where the last take began
    done |= {some[4].pk, some[5].pk}
    assert steps.pending("test.step", waiting(), 3) == [some[0], *some[6:8]]  # not full: looks from the mark
    begun = [steps.pending("test.step", AuditRow.objects.all(), 1)[0] for _n in range(steps.HURRIED + 2)]
    assert begun == [some[0]] * len(begun)


def test_a_late_row_is_found_after_so_many_full_takes() -> None:
    some = rows(3 + steps.HURRIED)
    done = {some[0].pk}
    found = []
    for _n in range(steps.HURRIED + 1):
        (row,) = steps.pending("test.step", AuditRow.objects.exclude(pk__in=done), 1)
        found.append(row)
        done.add(row.pk)
        done.discard(some[0].pk) if row == some[1] else None
    assert found == [some[1], *some[2 : steps.HURRIED + 1], some[0]]
