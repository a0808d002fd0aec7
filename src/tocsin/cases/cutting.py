"""Where a case comes apart: along its links as they are now; and the step that cuts what a late-found hub glued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from tocsin.cases import flags, score
from tocsin.cases.dividing import WORKER, divide, loosen
from tocsin.cases.models import Case, CaseTip, Change, ChangeRow, Detached, Finding
from tocsin.cases.numbers import gate
from tocsin.cases.placing import Groups, Joint, Named, join_tips
from tocsin.cases.working import locked
from tocsin.identifiers.roles import JOINING_ROLES
from tocsin.lib.writing import write
from tocsin.linking.models import Hub, Link, WeakPair
from tocsin.linking.rules import HANDLE_REACH


@dataclass(frozen=True, slots=True)
class Apart:
    """How a case comes apart: pieces that hang together (ids of tips), and single tips that nothing joins."""

    pieces: list[list[int]]
    loose: list[int]


def apart(case: Case) -> Apart:
    """What leaves the case: all but its biggest piece; oldest first. Empty where it holds together.

    What people put together (a merge, a moved tip) holds by that. A single tip without any joining identifier is
    loose, as if it had come alone, unless its reporter says that a child is in danger.
    """
    places = case.case_tips.values_list("tip_id", "tip__received_at", "tip__danger")
    times, danger = {pk: at for pk, at, _said in places}, {pk for pk, _at, said in places if said == "yes"}
    groups, ties, joints = Groups(), defaultdict[int, set[int]](set), _joints(case, times)
    for joint, namings in joints.items():
        join_tips(joint, namings, groups, ties)
    held = {one.tip for namings in joints.values() for one in namings} | _by_people(case, set(times), groups)
    found = defaultdict[tuple[str, int], list[int]](list)
    for tip in sorted(times, key=lambda pk: (times[pk], pk)):
        found[groups.find(("tip", tip))].append(tip)
    ordered = sorted(found.values(), key=lambda tips: (times[tips[0]], tips[0]))
    biggest = max(ordered, key=lambda tips: (len(tips), tips[0] in held), default=[])
    leaving = [tips for tips in ordered if tips is not biggest]
    loose = [tips[0] for tips in leaving if len(tips) == 1 and tips[0] not in held | danger]
    return Apart([tips for tips in leaving if tips[0] not in loose], loose)


def part(row: Case, actor: str, reason_sealed: bytes | None = None) -> list[Change]:
    """Cut the case where it comes apart. Inside `with write():`, behind the gate, `row` locked."""
    found = apart(row)
    if not found.pieces and not found.loose:
        return []
    places = {place.tip_id: place for place in row.case_tips.select_related("tip").order_by("tip_id")}
    changes = [
        divide(row, [places[pk] for pk in sorted(ids)], "cut", actor, reason_sealed, recount=False)
        for ids in found.pieces
    ]
    if found.loose:
        changes.append(loosen(row, [places[pk] for pk in sorted(found.loose)], actor, reason_sealed))
    score.recount([row.pk, *(change.other_id for change in changes if change.other_id)])
    return changes


def cut_glued(limit: int) -> int:
    """The step: what hubs had glued before they were known as hubs. Returns how many hubs were looked through.

    A case that nobody worked on is cut by software, so that it does not depend on when the hub was found; of one
    that people worked on they are asked.
    """
    hubs = list(
        Hub.objects.filter(hub=True, cut_at__isnull=True).select_related("identifier").order_by("pk")[:limit]
    )
    for hub in hubs:
        with write():
            gate()
            for case in glued_by([hub.identifier_id]):
                _cut_or_ask(locked(case), hub.identifier.public_id)
            hub.cut_at = timezone.now()
            hub.save(update_fields=["cut_at"])
    return len(hubs)


def _cut_or_ask(case: Case, identifier: str) -> None:
    if not case.worked_on:
        part(case, WORKER)
        return
    found = apart(case)
    if found.pieces or found.loose:
        flags.raise_flag(case, flags.GLUED, identifier, pieces=len(found.pieces) + len(found.loose) + 1)


def _joints(case: Case, times: dict[int, datetime]) -> dict[Joint, list[Named]]:
    detached = set(Detached.objects.filter(case=case).values_list("identifier_id", flat=True))
    by_joint = defaultdict[Joint, list[Named]](list)
    links = Link.objects.filter(tip__case_tip__case=case, joins=True).order_by("pk")
    for tip, identifier, strength in links.values_list("tip_id", "identifier_id", "strength"):
        if identifier not in detached:
            joint = Joint(identifier, HANDLE_REACH if strength == "handle" else None)
            by_joint[joint].append(Named(tip, times[tip], joint))
    pairs = WeakPair.objects.filter(tip__case_tip__case=case).order_by("pk")
    for tip, key, weak, other in pairs.values_list("tip_id", "key", "weak_id", "other_id"):
        if weak not in detached and other not in detached:
            joint = Joint(-key, None)
            by_joint[joint].append(Named(tip, times[tip], joint))
    return by_joint


def _by_people(case: Case, tips: set[int], groups: Groups) -> set[int]:
    """What people merged, moved or found here holds together with what was here; returns those tips.

    Of each side of a merge only the biggest piece is tied to the other side: what a hub had glued to it before is
    no part of what people meant.
    """
    changes = Change.objects.filter(kind__in=("merge", "move"), undone_at=None).exclude(actor=WORKER)
    rows = ChangeRow.objects.filter(change__in=changes, target=case, model="cases.CaseTip").order_by("pk")
    places = dict(CaseTip.objects.filter(case=case).values_list("pk", "tip_id"))
    sides = defaultdict[int, set[int]](set)
    for change, place in rows.values_list("change_id", "row"):
        if place in places:
            sides[change].add(places[place])
    named = Finding.objects.filter(case=case, role__in=JOINING_ROLES).values("identifier_id")
    links = Link.objects.filter(tip__case_tip__case=case, joins=True, identifier__in=named)
    found = set(links.values_list("tip_id", flat=True))
    held = set[int]()
    for moved in [*sides.values(), *([found] if found else [])]:
        ends = [one for one in (_biggest(moved, groups), _biggest(tips - moved, groups)) if one is not None]
        held.update(ends)
        for one in ends[1:]:
            groups.join(("tip", ends[0]), ("tip", one))
    return held


def _biggest(tips: set[int], groups: Groups) -> int | None:
    """The oldest tip of the biggest piece among these."""
    pieces = defaultdict[tuple[str, int], list[int]](list)
    for tip in sorted(tips):
        pieces[groups.find(("tip", tip))].append(tip)
    return max(pieces.values(), key=len)[0] if pieces else None


def glued_by(identifier_ids: Iterable[int]) -> list[Case]:
    """Live cases in which two tips or more name one of these."""
    links = Link.objects.filter(identifier__in=list(identifier_ids), tip__case_tip__isnull=False).order_by()
    named = links.values_list("tip__case_tip__case_id").annotate(n=Count("pk")).filter(n__gt=1)
    ids = [case for case, _n in named]
    return list(Case.objects.filter(pk__in=ids, merged_into=None).order_by("pk"))
