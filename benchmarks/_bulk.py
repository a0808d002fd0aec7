"""Put a made-up world straight into the tables of tips that were received and read: as the product would, but fast.

Narratives are really sealed. Ids count from 1, oldest tip first; everything after reading is
left to the steps that are measured.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import django

django.setup()  # what follows are models

from _world import Item, Name, World  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, models  # noqa: E402

from tocsin.cases.models import Scored  # noqa: E402
from tocsin.identifiers.catalogue_in_use import data_version  # noqa: E402
from tocsin.identifiers.models import Bystander, Identifier, key_of  # noqa: E402
from tocsin.lib import sealing  # noqa: E402
from tocsin.lib.rows import new  # noqa: E402
from tocsin.lib.writing import write  # noqa: E402
from tocsin.linking.models import Sketch  # noqa: E402
from tocsin.tips import bodies  # noqa: E402
from tocsin.tips.models import Mention, Reading, Tip  # noqa: E402
from tocsin.tips.sealed import seal_identifier  # noqa: E402

AT_ONCE = 2_000  # tips a transaction


def load(world: World, first: int = 0, count: int | None = None, scored: bool = False) -> None:
    """Insert tips `first` … of the world with their readings, identifiers and mentions; and the bystander list.

    `scored`: they also count as scored and sketched, so that these steps are left out of what is measured.
    """
    _list_bystanders(world)
    items, version = world.items(first, count), data_version()[:40]
    shift = (Tip.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) - first + 1
    while some := list(islice(items, AT_ONCE)):
        with write():
            ids = _identifiers(some)
            _insert([_tip(item, shift) for item in some])
            _insert([_reading(item, shift, version) for item in some])
            _insert([_mention(one, name, ids, shift, version) for one in some for name in one.names])
            if scored:
                _insert([new(Scored, tip_id=one.number + shift, lane="normal", at=one.at) for one in some])
                _insert([new(Sketch, tip_id=one.number + shift, signature=b"", at=one.at) for one in some])
    _restart_sequences()


def _tip(item: Item, shift: int) -> Tip:
    text, tag = item.text(), f"{item.number:032x}"
    return new(
        Tip,
        id=item.number + shift,
        source="web",
        mailbox_tag=tag,
        mailbox_key=bytes(32),
        box_tag=tag,
        sent_tag=tag,
        text_tag=bodies.text_tag(text),
        narrative_sealed=sealing.seal(text),
        contact_tag=hashlib.md5(b"%d" % item.reporter).hexdigest() if item.reporter % 5 < 2 else "",  # noqa: S324
        danger=item.danger,
        language="en",
        received_at=item.at,
        recorded_at=item.at,
    )


def _reading(item: Item, shift: int, version: str) -> Reading:
    found = len(item.names)
    return new(Reading, tip_id=item.number + shift, data_version=version, found=found, at=item.at)


def _mention(item: Item, name: Name, ids: dict[str, int], shift: int, version: str) -> Mention:
    sealed = name.role in ("child", "reporter")
    return new(
        Mention,
        tip_id=item.number + shift,
        identifier_id=None if sealed else ids[key_of(*name.triple)],
        identifier_sealed=seal_identifier(*name.triple) if sealed else None,
        strength=name.strength,
        data_version=version,
        rule="world",
        start=0,
        end=0,
        cue="self" if name.role == "reporter" else "",
        role=name.role or "unknown",
    )


def _identifiers(items: Iterable[Item]) -> dict[str, int]:
    """Key -> id of what these tips name readably; what is not there yet is inserted."""
    wanted = {
        key_of(*name.triple): (name, item.at)
        for item in items
        for name in item.names
        if name.role not in ("child", "reporter")
    }
    known = _ids_of(list(wanted))
    missing = sorted(wanted.keys() - known.keys())
    _insert([_identifier(key, *wanted[key]) for key in missing])
    return known | _ids_of(missing)


def _ids_of(keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(keys), 5_000):
        rows = Identifier.objects.filter(key__in=keys[start : start + 5_000])
        found |= dict(rows.values_list("key", "pk"))
    return found


def _identifier(key: str, name: Name, at: datetime) -> Identifier:
    kind, platform, canonical = name.triple
    return new(Identifier, key=key, kind=kind, platform=platform, canonical=canonical, strength=name.strength,
               first_seen_at=at)  # fmt: skip


def _list_bystanders(world: World) -> None:
    now = datetime.now(UTC)
    Bystander.objects.bulk_create(
        [
            Bystander(key=key_of(*name.triple), kind=name.kind, platform=name.platform, canonical=name.canonical,
                      label="Lantern Watch", why="campaigner", source="invented", source_date=now.date(), added_at=now)
            for name in world.bystanders()
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _insert(rows: Sequence[models.Model]) -> None:
    """Rows of one model with the ids that they have (none: the database gives them)."""
    if not rows:
        return
    fields = [f for f in rows[0]._meta.concrete_fields if not (f.primary_key and rows[0].pk is None)]
    quote = connection.ops.quote_name
    table = quote(rows[0]._meta.db_table)
    names = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "sqlite":
            places = ", ".join("?" * len(fields))
            statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of our own models
            connection.connection.executemany(statement, _values(rows, fields))
            return
        with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as out:
            for values in _values(rows, fields):
                out.write_row(values)


def _values(rows: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]]) -> Iterator[list[Any]]:
    lite = connection.vendor == "sqlite"
    for row in rows:
        data = row.__dict__
        yield [_plain(data[field.attname], lite) for field in fields]


def _plain(value: Any, lite: bool) -> Any:
    if lite and isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return json.dumps(value) if isinstance(value, list | dict) else value


def _restart_sequences() -> None:
    """PostgreSQL: the next tip that the product stores gets the next id."""
    for statement in connection.ops.sequence_reset_sql(no_style(), [Tip, Reading, Identifier, Mention]):
        with connection.cursor() as cursor:
            cursor.execute(statement)


if __name__ == "__main__":
    load(World(int(sys.argv[1]), int(sys.argv[2])), 0, int(sys.argv[3]))
