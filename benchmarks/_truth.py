"""Inside an installation with a loaded world: run the real steps, compare the cases with the truth.

`python _truth.py SIZE SEED RULE`: RULE is the rule that is switched off ("" for none); the last line is JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

WORKED_ON = (
    20  # at half time every twentieth case with several tips has been worked on: software only proposes
)
AS_TEXTS = 200  # the last tips come through the door as texts and are read by the worker
DRAFTS = 200  # cases whose draft is looked at for reporters' identifiers
RULES = {
    "hub": "sites that many share join nothing (data file, degree)",
    "late_cut": "what a hub glued before it was known is cut",
    "bystander": "bystanders, listed or addressed, join nothing",
    "reach": "a handle joins within 180 days only",
    "list": "a pasted list joins nothing",
    "weak": "a weak name joins nothing alone",
    "pairs": "a weak name and a second sign join",
    "copies": "a near-identical text is a second sign",
}
Step = tuple[str, Callable[[int], int], int]


def main() -> None:
    """Set up, run, print."""
    import django

    django.setup()
    size, seed, without = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    print(json.dumps(measure(size, seed, without)))


def measure(size: int, seed: int, without: str) -> dict[str, float]:
    """Precision, recall, F1, biggest case; what was lost; before and after everything proposed was accepted."""
    from _world import World

    world = World(size, seed)
    _switch_off(without)
    steps = _steps(without)
    _walk(steps, until=size // 2)
    people = _people_work()
    _walk(steps)
    _by_the_door(world)
    _walk(steps)
    figures = _compare(world, "uncut_")
    figures["cut_by_people"] = _cut_glued(people[0])
    figures |= _compare(world, "")
    figures["genuine_lost"] = _genuine_lost()
    figures["reporters_in_drafts"] = _reporters_in_drafts()
    figures["proposals"] = _accept_all(people)
    _walk(steps)
    return figures | _compare(world, "accepted_")


def loaded_in_bulk(size: int) -> int:
    """How many of the world's tips are put into the tables; the others come through the door."""
    return size - AS_TEXTS


def _steps(without: str) -> list[Step]:
    from tocsin.server import worker

    rooms = ("tips.read", "linking.", "cases.place", "cases.cut")
    left_out = {"late_cut": "cases.cut", "copies": "linking.copies"}.get(without, "")
    return [one for one in worker.STEPS if one[0].startswith(rooms) and one[0] != left_out]


def _walk(steps: list[Step], until: int | None = None) -> None:
    """Round after round until nothing is left, or until that many tips are placed."""
    from tocsin.cases.models import Placed

    while sum(step(limit) for _name, step, limit in steps):
        if until is not None and Placed.objects.count() >= until:
            return


def _switch_off(without: str) -> None:
    """That rule answers as if it were not there."""
    from tocsin.linking import degree, rules

    changes: dict[str, Callable[[Any], Any]] = {
        "hub": lambda one: replace(one, hub=False),
        "bystander": lambda one: replace(one, listed=False, role=one.role.replace("bystander", "unknown")),
        "list": lambda one: replace(one, named=1),
        "weak": lambda one: replace(one, strength=one.strength.replace("weak", "strong")),
    }
    if change := changes.get(without):
        whole = rules.rule
        _everywhere("rule", lambda naming: whole(change(naming)))
    if without == "hub":
        degree.DEFAULTS["hub"] = 10**9
    if without == "reach":
        _everywhere("HANDLE_REACH", timedelta(days=10_000))
    if without == "pairs":
        _everywhere("_pairs_up", lambda link: False)


def _everywhere(name: str, value: Any) -> None:
    """In each module that has it under this name."""
    found = [
        module
        for key, module in list(sys.modules.items())
        if key.startswith("tocsin.") and hasattr(module, name)
    ]
    if not found:
        raise SystemExit(f"no module has {name} any more: _truth.py has to follow")
    for module in found:
        setattr(module, name, value)


def _people_work() -> list[Any]:
    """At half time people have worked on some cases; two of them, who also answer proposals."""
    from tocsin.accounts.models import User
    from tocsin.cases.models import Case

    rows = Case.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True)
    Case.objects.filter(pk__in=list(rows[::WORKED_ON])).update(worked_on=True)
    names = (("ada", "reviewer"), ("ravi", "reviewer"))
    return [User.objects.create_user(username=name, password=None, role=role) for name, role in names]


def _by_the_door(world: Any) -> None:
    """The last tips, as texts."""
    from tocsin.tips.accept import Incoming, accept

    items = list(world.items(loaded_in_bulk(world.size)))
    accept([Incoming(text=item.text(), danger=item.danger, received_at=item.at) for item in items])


# --- the comparison ------------------------------------------------------------------------------------------


def _compare(world: Any, prefix: str) -> dict[str, float]:
    """Over all pairs of tips: of those in one case, how many belong together, and the other way round."""
    from tocsin.cases.models import CaseTip

    placed = dict(CaseTip.objects.order_by().values_list("tip_id", "case_id"))
    both, found, true = Counter[Any](), Counter[int](), Counter[int]()
    for item in world.items():
        case = placed.get(item.number + 1, -item.number - 1)
        both[case, item.cluster] += 1
        found[case] += 1
        true[item.cluster] += 1
    right = _pairs(both)
    precision, recall = right / max(1, _pairs(found)), right / max(1, _pairs(true))
    return {
        f"{prefix}precision": precision,
        f"{prefix}recall": recall,
        f"{prefix}f1": 2 * precision * recall / max(1e-9, precision + recall),
        f"{prefix}biggest_case": max(found.values()) / world.size,
    }


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _genuine_lost() -> float:
    """Identifiers of clusters that some tip names outside a list and that join nothing any more."""
    from tocsin.linking.models import Link

    lost = Link.objects.filter(joins=False, rule__in=("hub", "bystander", "role")).order_by()
    rows = lost.values_list("identifier__kind", "identifier__platform", "identifier__canonical").distinct()
    return float(sum(not _misleads(*row) for row in rows))


def _misleads(kind: str, platform: str, canonical: str) -> bool:
    """Whether the world planted it to mislead."""
    begins = ("share-", "later-", "wikipedia.org", "guard_", "news_")
    return canonical.startswith(begins)


def _reporters_in_drafts() -> float:
    """Identifiers of reporters that a draft would name, in the cases whose tips name one."""
    from tocsin.cases.models import Case
    from tocsin.directory.load import load_demonstration
    from tocsin.dispatch.suggest import suggest_draft

    load_demonstration()
    cases = Case.objects.filter(case_tips__tip__mentions__role="reporter", merged_into=None).distinct()
    named = {
        (case.pk, identifier.canonical)
        for case in cases.order_by("-pk")[:DRAFTS]
        for line in suggest_draft(case)
        for identifier in line.identifiers
    }
    if not named:
        raise SystemExit("no draft names anything: nothing was measured")
    return float(sum(canonical.startswith("me_") for _case, canonical in named))


# --- people answer -------------------------------------------------------------------------------------------


def _accept_all(people: list[Any]) -> float:
    """Two people accept every merge and every bystander that software proposes; how many."""
    from tocsin.accounts.foureyes import NotAllowed
    from tocsin.cases import proposals

    one, other = people
    accepted = _bystanders(one, other)
    while waiting := [item for item in proposals.waiting() if item.state == "draft"]:
        for item in waiting:
            try:
                proposals.agree(item, one)
                item.refresh_from_db()
                proposals.approve(item, other, item.digest)
                accepted += 1
            except NotAllowed:
                proposals.reject(item, other)
    return float(accepted)


def _cut_glued(user: Any) -> float:
    """What software only asks about, as people worked on the case: one action each; how many cases."""
    from tocsin.cases import changes
    from tocsin.cases.models import Flag

    flags = Flag.objects.filter(kind="glued", settled_at__isnull=True, case__merged_into=None)
    return float(sum(bool(changes.cut(flag.case, user, "many share it")) for flag in flags.order_by("pk")))


def _bystanders(one: Any, other: Any) -> int:
    from tocsin.identifiers import bystanders
    from tocsin.linking import hubs

    found = [row for row, _tips in hubs.bystander_proposals() if row.canonical.startswith("news_")]
    for row in found:
        change = bystanders.propose(one, (row.kind, row.platform, row.canonical), "News", "news", "invented")
        bystanders.approve(change, other, change.digest)
    return len(found)


if __name__ == "__main__":
    main()
