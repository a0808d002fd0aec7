"""Where a case comes apart: along its links as they are now; and the step that cuts what a late-found hub glued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from tocsin.cases.models import Case, CaseTip, Change, ChangeRow, Detached
from tocsin.cases.placing import Groups, Joint, Named, join_tips
from tocsin.linking.models import Link, WeakPair
from tocsin.linking.rules import HANDLE_REACH


def pieces(case: Case) -> list[list[int]]:
    """The tips (ids) of each piece but the biggest; pieces ordered by their oldest tip. Empty: it holds together.

    What people put together (a merge, a moved tip) holds by that.
    """
    times = dict(case.case_tips.values_list("tip_id", "tip__received_at"))
    groups = Groups()
    ties = defaultdict[int, set[int]](set)
    for joint, namings in _joints(case, times).items():
        join_tips(joint, namings, groups, ties)
    _by_people(case, set(times), groups)
    found = defaultdict[tuple[str, int], list[int]](list)
    for tip in sorted(times, key=lambda pk: (times[pk], pk)):
        found[groups.find(("tip", tip))].append(tip)
    ordered = sorted(found.values(), key=lambda tips: (times[tips[0]], tips[0]))
    biggest = max(ordered, key=len, default=[])
    return [tips for tips in ordered if tips is not biggest]


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


def _by_people(case: Case, tips: set[int], groups: Groups) -> None:
    """What people merged or moved here holds together with what was here."""
    changes = Change.objects.filter(kind__in=("merge", "move"), undone_at__isnull=True).exclude(
        actor="worker"
    )
    rows = ChangeRow.objects.filter(change__in=changes, target=case, model="cases.CaseTip").order_by("pk")
    places = dict(CaseTip.objects.filter(case=case).values_list("pk", "tip_id"))
    moved = [places[pk] for pk in rows.values_list("row", flat=True) if pk in places]
    stayed = sorted(tips - set(moved))
    for tip in moved:
        groups.join(("tip", (stayed or moved)[0]), ("tip", tip))


def glued_by(identifier_ids: Iterable[int]) -> list[Case]:
    """Live cases with two tips or more that name one of these."""
    links = Link.objects.filter(identifier__in=list(identifier_ids), tip__case_tip__isnull=False)
    ids = links.order_by().values_list("tip__case_tip__case_id", flat=True).distinct()
    return list(Case.objects.filter(pk__in=list(ids), merged_into=None).order_by("pk"))
