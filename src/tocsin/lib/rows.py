"""Insert rows at the least cost: one statement for many rows, no signals, no ids read back.

Django's `bulk_create` spends half a millisecond on a single row of thirty columns; a storm of tips cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)
_AT_ONCE = 400  # rows a statement: SQLite takes at most 32,766 variables
# what the drivers take as it is; every other field prepares its value itself
_PLAIN = (models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.ForeignKey)


def insert(rows: Sequence[Row]) -> None:
    """Insert rows of one model. The rows do not learn their ids. Raises IntegrityError as a save does."""
    for start in range(0, len(rows), _AT_ONCE):
        _execute(rows[start : start + _AT_ONCE], "")


def insert_new(rows: Sequence[Row], returning: str) -> set[Any]:
    """Insert the rows that break no unique constraint; the values of the column `returning` of those inserted."""
    found: set[Any] = set()
    for start in range(0, len(rows), _AT_ONCE):
        ending = f" ON CONFLICT DO NOTHING RETURNING {connection.ops.quote_name(returning)}"
        found.update(value for (value,) in _execute(rows[start : start + _AT_ONCE], ending))
    return found


def _execute(rows: Sequence[models.Model], ending: str) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    model = type(rows[0])
    head, one, columns = _statement(model, connection.vendor)
    values: list[Any] = []
    for row in rows:
        data = row.__dict__
        for name, prepare in columns:
            value = data[name]
            values.append(value if prepare is None or value is None else prepare(value, connection))
    with connection.cursor() as cursor:
        cursor.execute(head + ",".join([one] * len(rows)) + ending, values)
        return cursor.fetchall() if ending else []


@lru_cache(maxsize=64)
def _statement(
    model: type[models.Model], vendor: str
) -> tuple[str, str, list[tuple[str, Callable[..., Any] | None]]]:
    """`INSERT INTO … VALUES `, the placeholders of one row, and (attribute, preparation) a column."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    columns: list[tuple[str, Callable[..., Any] | None]] = []
    for field in fields:
        plain = isinstance(field, _PLAIN) or (
            vendor == "postgresql" and isinstance(field, models.DateTimeField)
        )
        if vendor == "sqlite" and isinstance(field, models.BinaryField):
            plain = True  # bytes are a blob there already
        columns.append((field.attname, None if plain else field.get_db_prep_save))
    head = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 - names of our own models
    return head, "(" + ", ".join(["%s"] * len(fields)) + ")", columns
