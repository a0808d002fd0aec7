"""The rows of a parser, by kind."""

from __future__ import annotations

from tocsin.tips.imports.source import Message, Rejected, Row, Skipped


def taken(rows: list[Row]) -> list[Message]:
    return [row for row in rows if isinstance(row, Message)]


def refused(rows: list[Row]) -> list[Rejected]:
    return [row for row in rows if isinstance(row, Rejected)]


def skipped(rows: list[Row]) -> list[str]:
    return [row.why for row in rows if isinstance(row, Skipped)]
