"""Tips that are only a time and names, so that joining is tested without extraction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

DAY_ONE = datetime(2026, 3, 1, 8, tzinfo=UTC)


def read_tip(
    *names: str, day: float = 0, danger: str = "", text: str = "Two vases on a square.", role: str = "unknown"
) -> Any:
    """A tip as the step `tips.read` leaves it: `read_tip("strong:kiln", "handle:clay", day=3, danger="yes")`.

    Names are "strength:name"; the same name is the same identifier, an account on one platform, or "site:name".
    """
    from tocsin.identifiers.catalogue_in_use import data_version
    from tocsin.lib import sealing
    from tocsin.lib.ids import public_id
    from tocsin.tips.models import Mention, Reading, Tip

    at = DAY_ONE + timedelta(days=day)
    tip = Tip.objects.create(
        source="web",
        mailbox_tag=public_id() + public_id(),
        mailbox_key=bytes(32),
        narrative_sealed=sealing.seal(text),
        danger=danger,
        received_at=at,
        recorded_at=datetime.now(UTC),
    )
    Reading.objects.create(tip=tip, data_version=data_version(), found=len(names), at=at)
    for identifier in stored(names):
        Mention.objects.create(
            tip=tip,
            identifier=identifier,
            strength=identifier.strength,
            data_version=data_version(),
            rule="test",
            start=0,
            end=1,
            role=role,
        )
    return tip


def stored(names: Sequence[str]) -> list[Any]:
    """The identifiers of these names, stored."""
    from tocsin.identifiers.store import store

    found = [_found(name) for name in dict.fromkeys(names)]
    return sorted(store(found).values(), key=lambda row: row.canonical)


def _found(name: str) -> Any:
    from tocsin.identifiers.extract import Found

    strength, _colon, rest = name.partition(":")
    if strength == "site":
        return Found("site", "web", f"{rest}.example", "strong", name, 0, 1, None, False, "test")
    return Found("account", "test", name, strength, name, 0, 1, None, False, "test")


def walk(limit: int = 500) -> None:
    """Link, place, score, until nothing is left to do."""
    from tocsin.cases import steps as cases
    from tocsin.linking import steps as linking

    while linking.link(limit) + cases.place(limit) + cases.cut(limit) + cases.score(limit):
        pass


def partition() -> set[frozenset[int]]:
    """Which tips are together, as sets of their ids."""
    from tocsin.cases.models import CaseTip

    together: dict[int, set[int]] = {}
    for case, tip in CaseTip.objects.values_list("case_id", "tip_id"):
        together.setdefault(case, set()).add(tip)
    return {frozenset(tips) for tips in together.values()}
