"""Read tips again after a data file changed: what is newly found comes in, what a person said stays.

A mention whose role a person set is never removed and never changes its role. Software's own proposals are made
again, except that nothing sealed becomes readable by software.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from tocsin.identifiers.extract import Found
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.identifiers.store import store
from tocsin.tips.models import Mention, Reading, Tip
from tocsin.tips.reading import TipRead, propose_roles
from tocsin.tips.sealed import open_identifier, seal_identifier

BATCH = 200  # rows a statement
FIELDS = [
    "identifier",
    "identifier_sealed",
    "strength",
    "data_version",
    "rule",
    "start",
    "end",
    "cue",
    "role",
]


@dataclass(slots=True)
class Change:
    """What reading one tip again came to."""

    tip: Tip
    added: int = 0
    removed: int = 0
    relink: bool = False  # its links may say something else now
    left: list[Identifier] = field(default_factory=list)  # rows that this tip names no more


def stale(version: str, limit: int, below: int | None, danger: bool, without: Iterable[int]) -> list[Tip]:
    """Tips that were read with other data than `version`, newest first, with ids under `below`."""
    rows = Reading.objects.exclude(data_version=version).exclude(tip_id__in=without)
    if below is not None:
        rows = rows.filter(tip_id__lt=below)
    if danger:
        rows = rows.filter(tip__danger="yes")
    return [row.tip for row in rows.select_related("tip").order_by("-tip_id")[:limit]]


def read_again(tips: Sequence[Tip]) -> list[TipRead]:
    """What these texts hold by the data in use. Writes nothing: to be called outside the transaction."""
    results = [TipRead(tip) for tip in tips]
    propose_roles(results)
    return results


def apply(results: Sequence[TipRead]) -> list[Change]:
    """Bring mentions and readings up to date; returns one change for each tip that was still behind.

    Inside `with write():`. Links are the caller's: they follow in the same transaction.
    """
    ids = [result.tip.pk for result in results]
    list(Tip.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    readings = {row.tip_id: row for row in Reading.objects.filter(tip__in=ids)}
    behind = [one for one in results if one.tip.pk in readings and _is_behind(readings[one.tip.pk], one)]
    rows: dict[int, dict[str, Mention]] = {one.tip.pk: {} for one in behind}
    locked = Mention.objects.select_for_update(of=("self",)).select_related("identifier").filter(tip__in=rows)
    for row in locked.order_by("pk"):
        rows[row.tip_id][_key(row)] = row
    again = [_Again(one, rows[one.tip.pk]) for one in behind]
    _write(again)
    Reading.objects.bulk_update(
        [_caught_up(readings[one.tip.pk], one) for one in behind],
        ["data_version", "found", "truncated", "facts_sealed", "at"],
        batch_size=BATCH,
    )
    return [one.change for one in again]


def _is_behind(reading: Reading, result: TipRead) -> bool:
    return reading.data_version != result.extraction.data_version[:40]


def _caught_up(reading: Reading, result: TipRead) -> Reading:
    fresh = result.reading()
    fresh.pk, fresh.at = reading.pk, timezone.now()
    return fresh


def _key(row: Mention) -> str:
    return row.identifier.key if row.identifier else key_of(*open_identifier(row.identifier_sealed or b""))


class _Again:
    """One tip: its mentions as they are, and what is found in it now."""

    def __init__(self, result: TipRead, rows: dict[str, Mention]) -> None:
        self.result, self.rows = result, rows
        self.new = {key: found for key, found in result.found.items() if key not in rows}
        self.kept = {key: row for key, row in rows.items() if key in result.found}
        self.gone = [
            row for key, row in rows.items() if key not in result.found and row.role_set_by_id is None
        ]
        for key, found in self.new.items():
            result.roles[key] = self._inherited(found) or result.roles[key]
        self.change = Change(result.tip, added=len(self.new), removed=len(self.gone))
        self.change.relink = bool(self.new or self.gone)
        self.change.left = [row.identifier for row in self.gone if row.identifier is not None]

    def _inherited(self, found: Found) -> MentionRole | None:
        """A new reading of words that hide a child or a reporter hides them too."""
        for row in self.rows.values():
            if row.role in SEALED_ROLES and row.start < found.end and found.start < row.end:
                return MentionRole(row.role)
        return None

    def readable(self) -> Iterable[Found]:
        """What is, or is to be, stored readably."""
        for key, found in self.result.found.items():
            row = self.kept.get(key)
            if row.identifier is not None if row else self.result.roles[key] not in SEALED_ROLES:
                yield found

    def added(self, stored: dict[str, Identifier]) -> list[Mention]:
        """Rows of what is newly found."""
        return [self.result.mention(key, found, stored) for key, found in self.new.items()]

    def updated(self) -> list[Mention]:
        """Rows that stay, with today's strength, rule and place in the text."""
        for key, row in self.kept.items():
            fresh = self.result.mention(key, self.result.found[key], {key: row.identifier or Identifier()})
            self.change.relink |= row.strength != fresh.strength
            for name in ("strength", "data_version", "rule", "start", "end", "cue"):
                setattr(row, name, getattr(fresh, name))
            if row.role_set_by_id is None and row.identifier is not None and row.role != fresh.role:
                self._propose(row, fresh.role)
        return list(self.kept.values())

    def _propose(self, row: Mention, role: str) -> None:
        if role in SEALED_ROLES and row.identifier is not None:
            left = row.identifier
            row.identifier_sealed = seal_identifier(left.kind, left.platform, left.canonical)
            row.identifier = None
            self.change.left.append(left)
        row.role = role
        self.change.relink = True


def _write(again: Sequence[_Again]) -> None:
    readable = {key_of(f.kind, f.platform, f.canonical): f for one in again for f in one.readable()}
    stored = store(readable.values())
    renewed = [row for key, row in stored.items() if row.strength != readable[key].strength]
    for row in renewed:
        row.strength = readable[row.key].strength
    Identifier.objects.bulk_update(renewed, ["strength"], batch_size=BATCH)
    Mention.objects.filter(pk__in=[row.pk for one in again for row in one.gone]).delete()
    Mention.objects.bulk_update([row for one in again for row in one.updated()], FIELDS, batch_size=BATCH)
    Mention.objects.bulk_create([row for one in again for row in one.added(stored)], batch_size=BATCH)
