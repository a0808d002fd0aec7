"""Insert rows at the least cost: one statement for many rows, no signals, no ids read back.

Django's `bulk_create` spends half a millisecond on a single row of thirty columns; a storm of tips cannot.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import IntegrityError, connection, models, transaction
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)
_AT_ONCE = 400  # rows a statement: SQLite takes at most 32,766 variables
_MANY = 100  # rows from which the drivers' ways for many are worth it: placeholders by the thousand are slow to parse
# what the drivers take as it is; every other field prepares its value itself
_PLAIN = (models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.ForeignKey)


def new(model: type[Row], /, **values: Any) -> Row:
    """An instance for `insert`: its defaults and `values`, set without signals or checks (half of a row's cost)."""
    row = model.__new__(model)
    row._state = ModelState()
    data = row.__dict__
    for name, default, made in _defaults(model):
        data[name] = made() if made is not None else default
    data.update(values)
    return row


def again(model: type[Row], values: dict[str, Any]) -> Row:
    """An instance of all its values (`__dict__` of one made by `new`), as it came from another process."""
    row = model.__new__(model)
    row._state = ModelState()
    row.__dict__.update(values)
    return row


@lru_cache(maxsize=64)
def _defaults(model: type[models.Model]) -> list[tuple[str, Any, Callable[[], Any] | None]]:
    found: list[tuple[str, Any, Callable[[], Any] | None]] = []
    for field in model._meta.concrete_fields:
        made = field.default if callable(field.default) and field.default is not models.NOT_PROVIDED else None
        found.append((field.attname, None if made or field.primary_key else field.get_default(), made))
    return found


def insert(rows: Sequence[Row]) -> None:
    """Insert rows of one model. The rows do not learn their ids. Raises IntegrityError as a save does."""
    if _many(rows):
        _insert_many(rows)
        return
    for start in range(0, len(rows), _AT_ONCE):
        _execute(rows[start : start + _AT_ONCE], "")


def insert_missing(rows: Sequence[models.Model]) -> None:
    """Insert the rows that break no unique constraint; the others are left out in silence."""
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        statement, values = _filled(some, 0)
        _run(f"{statement} ON CONFLICT DO NOTHING", values, fetch=False)


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of rows that are there (by primary key): as `bulk_update`, at a tenth of its cost."""
    if not rows:
        return
    statement, columns = _updating(type(rows[0]), connection.vendor, tuple(names))
    values = []
    for row in rows:
        data = row.__dict__
        values.append(
            [prepare(data[name], connection) if prepare else data[name] for name, prepare in columns]
        )
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


@lru_cache(maxsize=64)
def _updating(
    model: type[models.Model], vendor: str, names: tuple[str, ...]
) -> tuple[str, list[tuple[str, Callable[..., Any] | None]]]:
    """`UPDATE … SET … WHERE id = …`, and (attribute, preparation) of each place, the primary key last."""
    meta, quote = model._meta, connection.ops.quote_name
    fields = [field for field in meta.concrete_fields if field.name in names]
    sets = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(str(meta.pk.column))} = %s"  # noqa: S608
    columns = [(field.attname, _or_nothing(_preparation(field, vendor))) for field in fields]
    return statement, [*columns, (meta.pk.attname, None)]


def _or_nothing(prepare: Callable[..., Any] | None) -> Callable[..., Any] | None:
    if prepare is None:
        return None
    return lambda value, connection: None if value is None else prepare(value, connection)


def insert_together(*groups: Sequence[models.Model]) -> None:
    """Insert rows of several models, a group each: on PostgreSQL in one statement, which is one journey for all."""
    groups = tuple(rows for rows in groups if rows)
    if connection.vendor != "postgresql" or max(map(len, groups), default=0) >= _MANY:
        for rows in groups:
            insert(rows)
        return
    parts, values = list[str](), list[Any]()
    for rows in groups:
        statement, more = _filled(rows, len(values))
        parts.append(f"g{len(parts)} AS ({statement})")
        values += more
    if parts:
        _run(f"WITH {', '.join(parts)} SELECT 1", values, fetch=False)


def insert_new(rows: Sequence[Row], returning: str) -> set[Any]:
    """Insert the rows that break no unique constraint; the values of the column `returning` of those inserted."""
    if _many(rows):
        try:
            with transaction.atomic():
                _insert_many(rows)
            return {row.__dict__[returning] for row in rows}
        except IntegrityError:  # some are there already, which these ways cannot step over
            pass
    found: set[Any] = set()
    for start in range(0, len(rows), _AT_ONCE):
        ending = f" ON CONFLICT DO NOTHING RETURNING {connection.ops.quote_name(returning)}"
        found.update(value for (value,) in _execute(rows[start : start + _AT_ONCE], ending))
    return found


def _many(rows: Sequence[models.Model]) -> bool:
    return len(rows) >= _MANY and connection.vendor in ("postgresql", "sqlite")


def _insert_many(rows: Sequence[models.Model]) -> None:
    """All rows at once: the same columns, rights and constraints as one statement of placeholders."""
    fields = _needed(rows)
    quote = connection.ops.quote_name
    table = quote(type(rows[0])._meta.db_table)
    names = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "sqlite":
            places = ", ".join("?" * len(fields))
            statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - our own models' names
            connection.connection.executemany(statement, _values(rows, fields))
            return
        with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as out:
            for values in _values(rows, fields):
                out.write_row(values)


def _needed(rows: Sequence[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns that must be named: all but those that the database itself fills with what every row holds."""
    data, needed = [row.__dict__ for row in rows], []
    for field in type(rows[0])._meta.concrete_fields:
        if field.primary_key:
            continue
        filled = field.db_default if field.has_db_default() else None
        if any(row[field.attname] != filled for row in data):
            needed.append(field)
    return needed


def _values(
    rows: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]]
) -> Iterator[Sequence[Any]]:
    """The columns of each row, as the driver takes them. COPY takes bytes and times as they are."""
    take = attrgetter(*(field.attname for field in fields))
    lite = connection.vendor == "sqlite"
    prepared = [
        (place, _json if isinstance(field, models.JSONField) else _sqlite_time)
        for place, field in enumerate(fields)
        if isinstance(field, models.JSONField) or (lite and isinstance(field, models.DateTimeField))
    ]
    for row in rows:
        values = list(take(row))
        for place, prepare in prepared:
            if values[place] is not None:
                values[place] = prepare(values[place], connection)
        yield values


def _execute(rows: Sequence[models.Model], ending: str) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    statement, values = _filled(rows, 0)
    return _run(statement + ending, values, fetch=bool(ending))


def _filled(rows: Sequence[models.Model], before: int) -> tuple[str, list[Any]]:
    """The statement of some rows and the values of its places, of which `before` are taken already."""
    model, data = type(rows[0]), [row.__dict__ for row in rows]
    # most columns of a new row hold what they always begin with: those stand in the statement itself
    varying = tuple(name for name, value in _usual(model) if any(row[name] != value for row in data))
    statement, columns = _statement(model, connection.vendor, varying, len(rows), before)
    values: list[Any] = []
    for row in data:
        for name, prepare in columns:
            value = row[name]
            values.append(value if prepare is None or value is None else prepare(value, connection))
    return statement, values


def _run(statement: str, values: list[Any], *, fetch: bool) -> list[tuple[Any, ...]]:
    """On PostgreSQL the values travel beside the statement, which the server keeps parsed: Django's cursor writes
    them into its text, half of what a tip costs there."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if fetch else []
    import psycopg  # only where it is the database

    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as direct:
        direct.execute(statement, values)
        return direct.fetchall() if fetch else []


def _preparation(field: models.Field[Any, Any], vendor: str) -> Callable[..., Any] | None:
    """What makes a value of the field fit for the driver; None where it is already."""
    if isinstance(field, _PLAIN):
        return None
    if isinstance(field, models.DateTimeField):
        return None if vendor == "postgresql" else _sqlite_time
    if isinstance(field, models.JSONField) and field.encoder is None:
        return _json
    if isinstance(field, models.BinaryField) and vendor == "sqlite":
        return None  # bytes are a blob there already
    return field.get_db_prep_save


def _sqlite_time(value: datetime, _connection: Any) -> str:
    return _written(value)


@lru_cache(maxsize=256)  # the rows of one batch share most of theirs
def _written(value: datetime) -> str:
    return str(
        value.astimezone(UTC).replace(tzinfo=None)
    )  # as Django's backend writes it with TIME_ZONE = UTC


def _json(value: Any, _connection: Any) -> str:
    return json.dumps(value)


_ALWAYS = object()  # equals no value: the column is given a place in every statement


@lru_cache(maxsize=64)
def _usual(model: type[models.Model]) -> list[tuple[str, Any]]:
    """(attribute, the value that new rows begin with), where that is a plain one."""
    return [
        (
            name,
            default if made is None and (default is None or type(default) in (bool, int, str)) else _ALWAYS,
        )
        for name, default, made in _defaults(model)
        if name != model._meta.pk.attname
    ]


@lru_cache(maxsize=512)
def _statement(
    model: type[models.Model], vendor: str, varying: tuple[str, ...], count: int, before: int
) -> tuple[str, list[tuple[str, Callable[..., Any] | None]]]:
    """`INSERT INTO … VALUES …` of `count` rows, and (attribute, preparation) of each place of a row."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    usual, bound = dict(_usual(model)), set(varying)
    names = ", ".join(quote(str(field.column)) for field in fields)
    number = itertools.count(before + 1)
    rows = ", ".join(
        "("
        + ", ".join(_place(vendor, number) if name in bound else _literal(usual[name]) for name in usual)
        + ")"
        for _ in range(count)
    )
    columns = [(field.attname, _preparation(field, vendor)) for field in fields if field.attname in bound]
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES {rows}", columns  # noqa: S608 - names of our own models


def _place(vendor: str, number: Iterator[int]) -> str:
    return f"${next(number)}" if vendor == "postgresql" else "%s"


def _literal(value: Any) -> str:
    """A default of our own models as SQL."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
