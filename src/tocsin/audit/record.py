"""Write an audit row in the transaction of its change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from tocsin.audit.models import AuditRow
from tocsin.lib.rows import insert, new


class OutsideTransaction(RuntimeError):
    """An audit row must stand or fall with the change it records."""


def record(actor: str, action: str, target: str, **detail: Any) -> None:
    """One row. `detail` holds numbers, states and public ids only (design, section 5.2)."""
    record_many([(actor, action, target, detail)])


def record_many(rows: Iterable[tuple[str, str, str, dict[str, Any]]]) -> None:
    """Many rows of (actor, action, object, detail) at once."""
    insert(audit_rows(rows))


def audit_rows(rows: Iterable[tuple[str, str, str, dict[str, Any]]]) -> list[AuditRow]:
    """The rows of `record_many`, for a caller that inserts them together with what they record."""
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("audit.record was called outside a transaction")
    now = timezone.now()
    return [
        new(AuditRow, at=now, actor=actor, action=action, object=target, detail=detail)
        for actor, action, target, detail in rows
    ]
