"""Cases that a late-found hub glued together: shown, and cut again by one action of a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tocsin.accounts.models import User
from tocsin.cases import changes, cutting
from tocsin.cases.models import Case
from tocsin.identifiers.models import Identifier


@dataclass(frozen=True, slots=True)
class Line:
    """A case in which tips name the hub; `pieces` 1: it holds together by other things."""

    case: Case
    tips: int
    pieces: int


def cases(identifier: Identifier) -> list[Case]:
    """Live cases in which two tips or more name it."""
    return cutting.glued_by([identifier.pk])


def lines(found: Iterable[Case]) -> list[Line]:
    """How each comes apart along its links as they are now."""
    made = []
    for case in found:
        apart = cutting.apart(case)
        made.append(Line(case, case.case_tips.count(), 1 + len(apart.pieces) + len(apart.loose)))
    return made


def cut_all(identifier: Identifier, user: User, reason: str) -> int:
    """Cut each of them; returns how many came apart. Every cut is a change of its own that can be undone."""
    why = reason.strip() or _("It was held together by a hub.")
    return sum(bool(changes.cut(case, user, why)) for case in cases(identifier))
