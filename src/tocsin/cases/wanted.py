"""Numbers that are wanted: a handle can be changed and is unreadable once the account is suspended; the number behind
it stays. Which platforms have one is data: a strong form of an account whose canonical text begins with `uid:`,
`id:` and the like (identifiers/extract/platforms).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Q
from django.utils import timezone

from tocsin.audit.record import record
from tocsin.cases import events, flags, queries
from tocsin.cases.models import Case, Finding, Flag
from tocsin.identifiers.catalogue_in_use import data_version, in_use
from tocsin.identifiers.extract import Found
from tocsin.identifiers.models import Identifier
from tocsin.lib.ask import ask as ask_database
from tocsin.linking.models import Link
from tocsin.tips.models import Mention

LASTING = ("uid:", "id:", "id64:", "sec:", "eid:", "channel:", "did:plc:", "portrait:")
FOUND, WRITTEN, UNREADABLE = "found", "written", "unreadable"  # how the question was settled


@lru_cache(maxsize=4)
def _forms(_version: str) -> dict[str, tuple[str, ...]]:
    """Platform -> how the numbers of its accounts begin."""
    found: dict[str, set[str]] = defaultdict(set)
    for platform in in_use().platforms.values():
        for form in platform.forms:
            begins = form.canonical.partition("{")[0]
            if form.kind == "account" and form.strength == "strong" and begins in LASTING:
                found[form.platform].add(begins)
    return {name: tuple(sorted(begins)) for name, begins in found.items()}


def begins_of(platform: str) -> tuple[str, ...]:
    """How the numbers of this platform's accounts begin; empty where it has none."""
    return _forms(data_version()).get(platform, ())


def is_number(row: Identifier | Found) -> bool:
    """Whether this is the number of an account, which stays when its names change."""
    return row.kind == "account" and row.canonical.startswith(begins_of(row.platform) or "\x00")


def has_number(row: Identifier) -> bool:
    """Whether this is the name of an account on a platform where each account has a number."""
    return row.kind == "account" and bool(begins_of(row.platform)) and not is_number(row)


def wanted(case: Case) -> list[Identifier]:
    """Names of accounts that a person marked as reported, whose number nobody has written down yet.

    A number is taken for a handle's where one tip names both; and where a platform has as many numbers in the case
    as handles, none is asked for. At most seven queries.
    """
    handles = [row for row, _user in queries.reported(case) if has_number(row)]
    if not handles:
        return []
    told = _numbers(case, {row.platform for row in handles})
    settled = Flag.objects.filter(case=case, kind=flags.NUMBER_WANTED, settled_at__isnull=False)
    answered = set(settled.values_list("about", flat=True))
    named = _tips_of(case, handles)
    asked = [
        row
        for row in handles
        if row.public_id not in answered and not named[row.pk] & told[row.platform].tips
    ]
    of_platform: dict[str, int] = defaultdict(int)
    for row in handles:
        of_platform[row.platform] += 1
    return [row for row in asked if len(told[row.platform].ids) < of_platform[row.platform]]


@dataclass(slots=True)
class _Told:
    """The numbers of one platform that a case knows, and the tips that name one."""

    ids: set[int] = field(default_factory=set)
    tips: set[int] = field(default_factory=set)


def _numbers(case: Case, platforms: Iterable[str]) -> dict[str, _Told]:
    told: dict[str, _Told] = defaultdict(_Told)
    numbers = Q(pk__in=[])
    for platform in platforms:
        for begins in begins_of(platform):
            numbers |= Q(identifier__platform=platform, identifier__canonical__startswith=begins)
    mentions = Mention.objects.filter(numbers, tip__case_tip__case=case, identifier__kind="account")
    for tip, pk, platform in mentions.values_list("tip_id", "identifier_id", "identifier__platform"):
        told[platform].tips.add(tip)
        told[platform].ids.add(pk or 0)
    found = Finding.objects.filter(numbers, case=case, identifier__kind="account")
    for pk, platform in found.values_list("identifier_id", "identifier__platform"):
        told[platform].ids.add(pk or 0)
    return told


def _tips_of(case: Case, rows: Sequence[Identifier]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    mentions = Mention.objects.filter(tip__case_tip__case=case, identifier__in=rows).order_by()
    for pk, tip in mentions.values_list("identifier_id", "tip_id"):
        found[pk or 0].add(tip)
    return found


def handles_of(case: Case, number: Identifier, handles: Sequence[Identifier]) -> set[int]:
    """Those of these names (ids) that have this number: a person wrote it down, or one tip names both."""
    written = Flag.objects.filter(
        case=case, kind=flags.NUMBER_WANTED, settled_how=WRITTEN, facts__number=number.public_id
    )
    said = set(written.values_list("about", flat=True))
    beside = Link.objects.filter(identifier=number, joins=True, tip__case_tip__case=case).values("tip_id")
    named = Link.objects.filter(identifier__in=handles, joins=True, tip__in=beside).order_by()
    return {row.pk for row in handles if row.public_id in said} | set(
        named.values_list("identifier_id", flat=True).distinct()
    )


def ask(case: Case) -> int:
    """Raise a flag for each number that is wanted; returns how many. Inside `with write():`."""
    rows = wanted(case)
    raised = sum(
        flags.raise_flag(case, flags.NUMBER_WANTED, row.public_id, platform=row.platform) for row in rows
    )
    _settle(case, {row.public_id for row in rows})
    return raised


def follow(cases: Iterable[Case]) -> None:
    """Something came into these cases: what was asked for may be there now. Inside `with write():`."""
    some = {case.pk: case for case in cases}
    asked = (
        "SELECT DISTINCT case_id FROM cases_flag WHERE case_id {among} AND kind = %s AND settled_at IS NULL"
    )
    for (pk,) in ask_database(asked, some, flags.NUMBER_WANTED):
        _settle(some[pk], {row.public_id for row in wanted(some[pk])})


def _settle(case: Case, still: set[str]) -> None:
    """Questions that nothing waits for any more: the number is in the case, or the name is not reported."""
    waiting = Flag.objects.filter(case=case, kind=flags.NUMBER_WANTED, settled_at__isnull=True)
    for flag in waiting.exclude(about__in=still):
        flag.settled_at, flag.settled_how = timezone.now(), FOUND
        flag.save(update_fields=["settled_at", "settled_how"])
        events.add(case, "flag_settled", "worker", flag=flag.kind, how=FOUND)
        record("worker", "case.flag_settled", case.audit_name, kind=flag.kind, how=FOUND)
