"""What an identifier is to the cases of a picture, and which identifiers may not be in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Max, Q

from tocsin.cases.models import Case, Finding
from tocsin.identifiers.models import key_of
from tocsin.identifiers.roles import MentionRole
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier


def roles(cases: Sequence[Case], identifiers: Sequence[int]) -> dict[int, str]:
    """Role by identifier: the newest word of a person, else what software proposes in agreement. Two queries."""
    said: dict[int, tuple[datetime, str]] = {}
    proposed: dict[int, set[str]] = {}
    for pk, role, person, at in _said(cases, identifiers):
        if person is not None and at is not None:
            said[pk] = max(said.get(pk, (at, role)), (at, role))
        else:
            proposed.setdefault(pk, set()).add(role)
    agreed = {
        pk: min(words) if len(words) == 1 else MentionRole.UNKNOWN.value for pk, words in proposed.items()
    }
    return agreed | {pk: role for pk, (_at, role) in said.items()}


def _said(
    cases: Sequence[Case], identifiers: Sequence[int]
) -> Iterator[tuple[int, str, int | None, datetime | None]]:
    fields = ("identifier_id", "role", "role_set_by_id")
    mentions = Mention.objects.filter(tip__case_tip__case__in=cases, identifier_id__in=identifiers).order_by()
    yield from mentions.values_list(*fields).annotate(at=Max("role_set_at"))
    findings = Finding.objects.filter(case__in=cases, identifier_id__in=identifiers)
    yield from findings.values_list(*fields, "role_set_at")


def sealed_keys(cases: Sequence[Case], proposed: bool = False) -> set[str]:
    """Keys of what is said to be a child's or a reporter's in one of these cases. Two queries.

    It may be readable in another case of the picture (each case says for itself): in this picture it is not. What
    software proposes counts only with `proposed`: anybody could hide an account by calling it his own.
    """
    sealed = Q(identifier__isnull=True) if proposed else Q(identifier__isnull=True, role_set_by__isnull=False)
    mentions = Mention.objects.filter(sealed, tip__case_tip__case__in=cases)
    findings = Finding.objects.filter(sealed, case__in=cases)
    found = [
        *mentions.values_list("identifier_sealed", flat=True),
        *findings.values_list("identifier_sealed", flat=True),
    ]
    return {key_of(*open_identifier(value)) for value in found if value is not None}
