"""Approve and reject through the rooms' own writers; several at once are several decisions, each recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.review import queries


@dataclass(slots=True)
class Result:
    """How a batch ended: how many were approved, and (line, reason) of those that were not."""

    approved: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def approve_many(ticks: Iterable[str], user: User) -> Result:
    """Approve each `kind:public_id:digest` by itself; one refusal does not stop the others."""
    result = Result()
    for tick in dict.fromkeys(ticks):
        kind, public_id, digest = [*tick.split(":", 2), "", ""][:3]
        found = queries.one(kind, public_id)
        if found is None:
            result.refused.append((public_id[:12], _("This is no longer there.")))
            continue
        entry, item = found
        try:
            entry.approve(item, user, digest)
            result.approved += 1
        except NotAllowed as refusal:
            result.refused.append((str(entry.describe(item)), str(refusal)))
    return result
