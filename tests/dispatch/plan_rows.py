"""A case as people left it before planning: tips through the front door, identifiers marked, assessed."""

from __future__ import annotations

import itertools
from typing import Any

from django.utils import timezone

from tocsin.accounts.models import User
from tocsin.cases.models import Case, CaseTip
from tocsin.dispatch import plan as planning
from tocsin.dispatch.models import Dispatch, Plan
from tocsin.identifiers.models import Identifier, key_of
from tocsin.lib import sealing
from tocsin.review.models import Assessment
from tocsin.tips.accept import Incoming, accept
from tocsin.tips.models import Mention, Reading, Tip
from tocsin.tips.sealed import seal_identifier

NARRATIVE = "Zinnober Kranich glaze workshop near the river mill, seen by Ottilie on Tuesday evening"
SUSPECT = [
    ("account", "weibo", "uid:6660077001", "strong"),
    ("account", "x", "binghua_studio", "handle"),
    ("site", "web", "binghua.example.com", "strong"),
]
_numbers = itertools.count(1)


def identifier(kind: str, platform: str, canonical: str, strength: str = "strong") -> Identifier:
    """An identifier row; the same triple gives the same row."""
    fields = {"kind": kind, "platform": platform, "canonical": canonical, "strength": strength}
    found, _new = Identifier.objects.get_or_create(
        key=key_of(kind, platform, canonical), defaults={**fields, "first_seen_at": timezone.now()}
    )
    return found


def open_case(
    text: str = NARRATIVE, cities: tuple[str, ...] = ("harbin",), lane: str = "high", **fields: Any
) -> Case:
    """A case with one tip, in which these cities were read."""
    (accepted,) = accept([Incoming(text=text, **fields)])
    tip, now = Tip.objects.get(public_id=accepted.public_id), timezone.now()
    Reading.objects.create(
        tip=tip, data_version="test", at=now,
        facts_sealed=sealing.seal_json({"observations": [], "cities": list(cities)}),
    )  # fmt: skip
    case = Case.objects.create(
        number=f"2026-{next(_numbers):06d}", lane=lane, lane_rank=0 if lane == "immediate" else 1,
        opened_at=now, first_received_at=now, last_received_at=now,
    )  # fmt: skip
    CaseTip.objects.create(case=case, tip=tip, at=now)
    return case


def mention(
    case: Case, triple: tuple[str, str, str, str], role: str = "unknown", by: User | None = None
) -> Identifier:
    """The case's tip names this, in this role; protected roles are kept sealed."""
    tip = case.case_tips.get().tip
    row = identifier(*triple)
    sealed = role in ("child", "reporter")
    Mention.objects.create(
        tip=tip, identifier=None if sealed else row, strength=triple[3], data_version="test", rule="test",
        identifier_sealed=seal_identifier(*triple[:3]) if sealed else None,
        start=0, end=1, role=role, role_set_by=by, role_set_at=timezone.now() if by else None,
    )  # fmt: skip
    return row


def assess(case: Case, by: User, verdict: str = "baseline") -> None:
    """A person assessed the case."""
    Assessment.objects.create(case=case, by=by, at=timezone.now(), verdict=verdict, on_what="tips")


def suspect_case(analyst: User, lane: str = "high", **fields: Any) -> Case:
    """The suspect's accounts and site, marked as reported and assessed; a reporter's phone; a hub; a bystander."""
    case = open_case(lane=lane, contact="ottilie@reporter.example.org", **fields)
    for triple in SUSPECT:
        mention(case, triple, "reported", analyst)
    mention(case, ("phone", "phone", "+8613800138000", "strong"), "reporter")
    mention(case, ("account", "instagram", "young.model.07", "handle"), "child", analyst)
    mention(case, ("site", "web", "hub.example.com", "hub"))
    mention(case, ("account", "x", "lanternwatch", "handle"), "bystander")
    assess(case, analyst)
    return case


def proposed(case: Case, analyst: User, order: str = "police_first", words: str = "") -> Plan:
    """Everything that is suggested, proposed by the analyst."""
    plan = planning.make(case, analyst, order, planning.suggest(case), words)
    planning.propose(plan, analyst)
    return plan


def approve_all(plan: Plan, reviewer: User) -> None:
    """The reviewer reads and approves each dispatch of the plan."""
    for dispatch in plan.dispatches.filter(state="proposed"):
        planning.approve(dispatch, reviewer, dispatch.digest)


def to(plan: Plan, key: str) -> Dispatch:
    """The plan's dispatch to this recipient, as it is now."""
    return plan.dispatches.get(recipient__key=key)
