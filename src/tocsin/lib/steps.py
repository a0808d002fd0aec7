"""Work is a row: how a step takes unprocessed rows in batches, and survives the one that breaks.

A step asks for rows "for which there is no row of mine yet", above a low-water mark; never `id > last`, because
ids commit out of order on PostgreSQL. A batch that fails is split down to the row; the row gets attempts with
growing pauses and is set aside after eight (shown in the console and on `/health`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, models
from django.utils import timezone

from tocsin.lib.models import LowWater, StepFailure
from tocsin.lib.writing import write

PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 360)]  # between the eight attempts
SETTLED = timedelta(minutes=15)  # no transaction of ours lives longer: older ids have all committed
TIDIED = timedelta(minutes=1)  # between two settlings of a step by one process
HURRIED = 16  # full takes in a row that begin where the last one began, before one looks from the mark again
_STATE = (
    "SELECT COALESCE((SELECT below FROM lib_lowwater WHERE step = %s), 0),"
    " EXISTS(SELECT 1 FROM lib_stepfailure WHERE step = %s)"
)
_tidied: dict[str, datetime] = {}
_followed: dict[str, tuple[datetime, int]] = {}  # a log: when all above the mark was looked at, how far since
_hurry: dict[str, tuple[int, int]] = {}  # in a backlog: where the last full take began, how many in a row

Row = TypeVar("Row", bound=models.Model)
log = logging.getLogger(__name__)


def low_water(step: str) -> int:
    """The id below which nothing is left to do for this step."""
    return _state(step)[0]


def waiting(step: str) -> models.QuerySet[StepFailure, int]:
    """Source ids that may not be tried now: their next try lies ahead, or they are set aside.

    A query, not a list: inside another query it is asked by the database, however many they are.
    """
    rows = StepFailure.objects.filter(step=step).filter(
        models.Q(set_aside=True) | models.Q(next_try_at__gt=timezone.now())
    )
    return rows.values_list("source_id", flat=True)


def pending(
    step: str, rows: models.QuerySet[Row], limit: int, first: tuple[str, object] | None = None
) -> list[Row]:
    """At most `limit` rows of an "unprocessed" queryset, oldest first, without those that must wait.

    `first`: (attribute, value) of rows that go before all others, oldest first among themselves.
    """
    below, failed = _state(step)
    rows = rows.filter(pk__gt=below)
    if failed:
        rows = rows.exclude(pk__in=waiting(step))
    found = _oldest(step, rows, limit)
    if first is None:
        return found
    name, value = first
    rest = [row for row in found if getattr(row, name) != value]
    if len(found) < limit:  # these are all there are
        return [row for row in found if getattr(row, name) == value] + rest
    urgent = list(rows.filter(**{name: value}).order_by("pk")[:limit])
    return urgent + rest[: limit - len(urgent)]


def _oldest(step: str, rows: models.QuerySet[Row], limit: int) -> list[Row]:
    """In a backlog the rows that were done since the mark was raised are not walked over again for each batch."""
    begun, times = _hurry.pop(step, (0, 0))
    found: list[Row] = []
    if begun and times < HURRIED:
        found = list(rows.filter(pk__gt=begun).order_by("pk")[:limit])
    if len(found) < limit:  # what came late, or waits no more, lies lower: nothing is passed over
        found, times = list(rows.order_by("pk")[:limit]), 0
    if found and len(found) == limit:
        _hurry[step] = found[0].pk - 1, times + 1
    return found


def work(step: str, rows: Sequence[Row], batch: Callable[[Sequence[Row]], None]) -> int:
    """Run `batch` over `rows`; on an error split down to the row. Returns how many rows were done.

    `batch` writes in one transaction of its own, so a failing half leaves nothing behind.
    """
    if not rows:
        return 0
    try:
        batch(rows)
    except Exception as error:  # whatever breaks one row must not stop the others: the reason is kept
        if len(rows) == 1:
            _failed(step, rows[0].pk, error)
            return 0
        middle = len(rows) // 2
        return work(step, rows[:middle], batch) + work(step, rows[middle:], batch)
    _forgive(step, [row.pk for row in rows])
    return len(rows)


def settle(
    step: str, unprocessed: models.QuerySet[Row], source: models.QuerySet[Row], time_field: str
) -> None:
    """Raise the low-water mark: everything older than `SETTLED` is done, if nothing older is unprocessed."""
    old = {f"{time_field}__lt": timezone.now() - SETTLED}
    mark = low_water(step)
    first_open = unprocessed.filter(pk__gt=mark, **old).order_by("pk").values_list("pk", flat=True).first()
    if first_open is not None:
        below = first_open - 1
    else:
        below = source.filter(**old).order_by("-pk").values_list("pk", flat=True).first() or 0
    if below > mark:
        with write():
            LowWater.objects.update_or_create(step=step, defaults={"below": below})


def tidy(step: str, unprocessed: models.QuerySet[Row], source: models.QuerySet[Row], time_field: str) -> None:
    """`settle`, in this process not more often than `TIDIED` tells: the mark only makes look-ups shorter."""
    now, last = timezone.now(), _tidied.get(step)
    if last is None or not last <= now < last + TIDIED:
        _tidied[step] = now
        settle(step, unprocessed, source, time_field)


def follows_from(step: str) -> int | None:
    """How far this process has followed a log (lines that are only added), or None: look at all above the mark.

    All of it is looked at once in `TIDIED`, for the lines that were committed out of order, and after a start.
    """
    whole, upto = _followed.get(step, (None, 0))
    return upto if whole is not None and whole <= timezone.now() < whole + TIDIED else None


def followed(step: str, upto: int) -> None:
    """Nothing is left to do up to this line, as far as it was committed when the step looked."""
    whole = _followed[step][0] if follows_from(step) is not None else timezone.now()
    _followed[step] = whole, upto


def start_over() -> None:
    """Forget when this process settled what, how far it followed a log, and where it was in a backlog."""
    _tidied.clear()
    _followed.clear()
    _hurry.clear()


def set_aside() -> models.QuerySet[StepFailure]:
    """Rows that a person must look at."""
    return StepFailure.objects.filter(set_aside=True).order_by("step", "source_id")


def _state(step: str) -> tuple[int, bool]:
    """The low-water mark, and whether any row of the step ever failed. Plain SQL: every step asks, every time."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [step, step])
        below, failed = cursor.fetchone()
    return below, bool(failed)


def _forgive(step: str, ids: list[int]) -> None:
    # asked first: an empty DELETE still takes SQLite's writer
    if _state(step)[1] and StepFailure.objects.filter(step=step, source_id__in=ids).exists():
        with write():
            StepFailure.objects.filter(step=step, source_id__in=ids).delete()


def _failed(step: str, source_id: int, error: Exception) -> None:
    reason = type(error).__name__  # the message of a foreign error may quote content: only its class is kept
    with write():
        row = StepFailure.objects.filter(step=step, source_id=source_id).first()
        attempts = (row.attempts if row else 0) + 1
        pause = PAUSES[min(attempts, len(PAUSES)) - 1]
        StepFailure.objects.update_or_create(
            step=step,
            source_id=source_id,
            defaults={
                "attempts": attempts,
                "next_try_at": timezone.now() + pause,
                "set_aside": attempts > len(PAUSES),
                "reason": reason[:200],
            },
        )
    log.warning("step %s: row %s failed (%s), attempt %s", step, source_id, reason, attempts)
