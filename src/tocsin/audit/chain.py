"""The chain: committed rows get a gap-free position and a SHA-256 over the previous digest.

Chaining happens after commit, by one chainer at a time, so that writers never wait for one another and a rolled
back change leaves no hole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from tocsin.audit.models import AuditRow, ChainHead
from tocsin.lib.ask import act, ask, json_of, time_of
from tocsin.lib.writing import write

START = "0" * 64
_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode
_OPEN = """SELECT id, at, actor, action, object, detail FROM audit_auditrow
    WHERE position IS NULL ORDER BY id LIMIT %s"""
_CHAINED = "UPDATE audit_auditrow SET position = %s, digest = %s WHERE id = %s"
_HEAD = "SELECT position, digest FROM audit_chainhead WHERE id = 1"
_HEAD_SET = "UPDATE audit_chainhead SET position = %s, digest = %s WHERE id = 1"


def digest_of(row: AuditRow, position: int, previous: str) -> str:
    """SHA-256 over position, previous digest and every field of the row, as canonical JSON."""
    return _digest([position, previous, row.at.isoformat(), row.actor, row.action, row.object, row.detail])


def _digest(fields: list[Any]) -> str:
    return hashlib.sha256(_canonical(fields).encode("ascii")).hexdigest()


def chain(limit: int) -> int:
    """Step `audit.chain`: give the next `limit` committed rows their place. Returns how many."""
    if not ask(_OPEN, 1):
        return 0
    with write():
        place, digest = _head()
        values = []
        for pk, at, *said, detail in ask(_OPEN, limit):
            place += 1
            digest = _digest([place, digest, time_of(at).isoformat(), *said, json_of(detail)])
            values.append((place, digest, pk))
        with connection.cursor() as cursor:
            cursor.executemany(_CHAINED, values)
        act(_HEAD_SET, place, digest)
    return len(values)


def _head() -> tuple[int, str]:
    """The last position and digest; on PostgreSQL locked, so that there is one chainer at a time."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    if not (rows := ask(_HEAD + lock)):
        ChainHead.objects.get_or_create(pk=1)
        rows = ask(_HEAD + lock)
    return rows[0][0], rows[0][1]


@dataclass(frozen=True)
class Verdict:
    """`broken_at` is the first position that does not hold (None: all hold); `reason` says why in words."""

    rows: int
    unchained: int
    broken_at: int | None = None
    reason: str = ""


def verify() -> Iterator[tuple[int, Verdict | None]]:
    """Walk the chain from the start; yields (rows walked, None) as it goes and the verdict last. Linear time."""
    previous, expected = START, 0
    rows = AuditRow.objects.filter(position__isnull=False).order_by("position")
    for row in rows.iterator(chunk_size=2000):
        expected += 1
        if row.position != expected:
            yield expected, _broken(expected, f"position {expected} is missing: a row was removed")
            return
        if row.digest != digest_of(row, expected, previous):
            yield (
                expected,
                _broken(expected, f"row {row.pk} does not match its digest: it was changed or moved"),
            )
            return
        previous = row.digest
        if expected % 1000 == 0:
            yield expected, None
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    if (head.position, head.digest) != (expected, previous):
        at = min(head.position, expected) + 1
        yield (
            expected,
            _broken(at, "the end of the chain does not match the recorded head: rows were cut or added"),
        )
        return
    yield expected, Verdict(expected, AuditRow.objects.filter(position__isnull=True).count())


def _broken(position: int, reason: str) -> Verdict:
    return Verdict(position, 0, position, reason)


def lag_seconds() -> float:
    """Age of the oldest unchained row, in seconds: 0 when all are chained (target: at most 2)."""
    oldest = (
        AuditRow.objects.filter(position__isnull=True).order_by("id").values_list("at", flat=True).first()
    )
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0
