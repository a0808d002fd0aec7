"""Sealed to the hotline's new key what was sealed to an old one: batch by batch, killed at any line, run again.

Which row is still to do is read in the row itself: every sealed value begins with the id of its key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import OperationalError, models
from django.db.models import F, Func

from tocsin.lib import keys, sealing
from tocsin.lib.writing import write

# sealed for somebody else's key (a reporter's, a recipient's): never touched here
COPIES = frozenset({"tips.ReporterCopy.sealed", "tips.Message.copy_sealed", "dispatch.PageCopy.sealed"})
PUBLIC_KEYS = frozenset({"mailbox_key"})
TAGS = frozenset({"linking.Sketch.signature"})  # keyed digests: there is nothing to open in them
TRIES = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column that holds values sealed to the hotline."""

    model: type[models.Model]
    field: str

    @property
    def name(self) -> str:
        """`tips.Tip.narrative_sealed`."""
        return f"{self.model._meta.label}.{self.field}"

    def rows(self) -> models.QuerySet[models.Model]:
        """Its rows that hold a value, with the value's key id as `sealed_for`."""
        part = Func(F(self.field), 2, 4, function="SUBSTR", output_field=models.BinaryField())
        rows = self.model._base_manager.filter(**{f"{self.field}__isnull": False})
        found: models.QuerySet[models.Model] = rows.annotate(sealed_for=part)
        return found


def columns() -> list[Column]:
    """Every column sealed to the hotline: all binary columns but public keys, tags and others' copies."""
    found = [
        Column(model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and field.name not in PUBLIC_KEYS
    ]
    return [column for column in found if column.name not in COPIES | TAGS]


def status() -> dict[str, dict[str, int]]:
    """key id -> column -> rows."""
    found: dict[str, dict[str, int]] = {}
    for column in columns():
        counted = column.rows().values("sealed_for").annotate(n=models.Count("pk")).order_by()
        for row in counted:
            found.setdefault(bytes(row["sealed_for"]).hex(), {})[column.name] = row["n"]
    return found


def reseal(batch: int = 200) -> Iterator[tuple[str, int]]:
    """(column, rows done) after each batch, until no value is sealed for another key than the present one.

    A row that changed meanwhile is left for the next run; a value whose key is lost stays as it is and is not
    counted. The database's own transactions make each batch whole.
    """
    public = keys.raw("hotline.pub")
    present = sealing.key_id(public)
    for column in columns():
        last = 0
        while True:
            found = column.rows().filter(pk__gt=last).exclude(sealed_for=present).order_by("pk")
            rows = list(found.values_list("pk", column.field)[:batch])
            if not rows:
                break
            last = rows[-1][0]
            yield column.name, _patiently(column, rows, public)


def _patiently(column: Column, rows: list[tuple[int, bytes]], public: bytes) -> int:
    """A batch; where others hold the same rows in another order, once more."""
    for _ in range(TRIES - 1):
        try:
            return _batch(column, rows, public)
        except OperationalError:  # PostgreSQL ended a deadlock: nothing of the batch was written
            continue
    return _batch(column, rows, public)


def _batch(column: Column, rows: list[tuple[int, bytes]], public: bytes) -> int:
    ready = [
        (pk, before, again) for pk, before in rows if (again := _again(bytes(before), public)) is not None
    ]
    done = 0
    with write():
        for pk, before, after in ready:
            still = column.model._base_manager.filter(pk=pk, **{column.field: bytes(before)})
            done += still.update(**{column.field: after})
    return done


def _again(sealed: bytes, public: bytes) -> bytes | None:
    try:
        return sealing.seal_bytes(sealing.open_bytes(sealed), public)
    except sealing.SealBroken:
        return None
