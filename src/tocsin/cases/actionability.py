"""How much there is to act on: 0 to 100, from what a case holds. Never part of urgency: completeness is not priority.

What a tip holds is kept with its signals as a code ("has:account"), so that a case is reckoned without opening
texts; points and sentences are data (`[[actionable]]` in signals.toml).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tocsin.cases import signals
from tocsin.cases.models import Case
from tocsin.cases.signals_rows import Signals
from tocsin.cases.stating import Facts, facts_of
from tocsin.identifiers.roles import JOINING_ROLES
from tocsin.lib import sealing
from tocsin.lib.ask import ask
from tocsin.linking.rules import BYSTANDER, ROLE
from tocsin.tips.models import Tip

HAS = "has:"
MOST = 100
KINDS = {
    "account": "account",
    "group": "group",
    "channel": "group",
    "post": "address",
    "file": "address",
    "url": "address",
    "site": "site",
    "email": "contact_point",
    "phone": "contact_point",
    "payment": "payment",
}
ON_A_PLATFORM = ("account", "group", "channel")  # say nothing where the platform is not known
NUMBER = "uid:"  # how a canonical account begins that is the platform's unchanging number

_NAMED = """SELECT l.tip_id, i.kind, i.platform, i.canonical FROM linking_link l
    JOIN identifiers_identifier i ON i.id = l.identifier_id
    WHERE l.tip_id {among} AND l.rule NOT IN (%s, %s)"""
_FOUND = """SELECT f.case_id, i.kind, i.platform, i.canonical FROM cases_finding f
    JOIN identifiers_identifier i ON i.id = f.identifier_id WHERE f.case_id {among} AND f.role {among}"""
Named = tuple[str, str, str]  # kind, platform, canonical


def in_tips(tips: Sequence[Tip], facts: Facts | None = None) -> dict[int, list[str]]:
    """The codes of each tip. `facts` that were read in them, where they are at hand: else they are opened."""
    named = _named(tips)
    facts = facts_of(tips) if facts is None else facts
    cities = {tip for tip, found in facts.items() if found and found.get("cities")}
    return {tip.pk: _codes(tip, named.get(tip.pk, []), tip.pk in cities) for tip in tips}


def in_cases(cases: Sequence[Case]) -> dict[int, set[str]]:
    """The codes of what people added to each case: findings, and who it is about. One query."""
    found = {case.pk: _of_subject(case) for case in cases}
    for case, *named in ask(_FOUND, list(found), [str(role) for role in JOINING_ROLES]):
        found[case].update(_of_identifier((named[0], named[1], named[2])))
    return found


def reasons(codes: Iterable[str], known: Signals | None = None) -> list[dict[str, str | int]]:
    """What `Case.actionability_reasons` holds: each once, what counts most first."""
    there = set(codes)
    rows = [one for one in (known or signals.load()).actionable.values() if HAS + one.test in there]
    return [
        {"signal": one.name, "points": one.points} for one in sorted(rows, key=lambda o: (-o.points, o.name))
    ]


def codes_of(case: Case, known: Signals | None = None) -> set[str]:
    """The codes that gave the reasons which the case has now."""
    rows = (known or signals.load()).actionable
    return {
        HAS + rows[str(one["signal"])].test for one in case.actionability_reasons if one["signal"] in rows
    }


def points(found: Iterable[dict[str, str | int]]) -> int:
    """The sum of these reasons, at most 100."""
    return min(MOST, sum(int(one["points"]) for one in found))


def _named(tips: Sequence[Tip]) -> dict[int, list[Named]]:
    """What each tip names, without bystanders, children and reporters."""
    found: dict[int, list[Named]] = {}
    rows = ask(_NAMED, [tip.pk for tip in tips], BYSTANDER, ROLE)
    for tip, kind, platform, canonical in rows:
        found.setdefault(tip, []).append((kind, platform, canonical))
    return found


def _codes(tip: Tip, named: list[Named], city: bool) -> list[str]:
    found = {code for one in named for code in _of_identifier(one)}
    if city or tip.place or tip.city_sealed is not None:
        found.add(HAS + "place")
    if tip.occurred_at is not None and not tip.time_doubtful:
        found.add(HAS + "time")
    if tip.contact_sealed is not None or tip.sender_sealed is not None or tip.client_id is not None:
        found.add(HAS + "reporter")
    return sorted(found)


def _of_identifier(named: Named) -> set[str]:
    kind, platform, canonical = named
    if kind not in KINDS or (kind in ON_A_PLATFORM and not platform):
        return set()
    number = kind == "account" and canonical.startswith(NUMBER)
    return {HAS + KINDS[kind]} | ({HAS + "account_number"} if number else set())


def _of_subject(case: Case) -> set[str]:
    if case.subject_sealed is None:
        return set()
    said = sealing.unseal_json(case.subject_sealed)
    found = {HAS + "subject"} if said.get("name") or said.get("aliases") else set()
    return found | ({HAS + "place"} if said.get("city") or said.get("country") else set())
