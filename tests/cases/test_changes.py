"""Merge, split, move, detach, cut: each is undone to what was before, or refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from read_tips import partition, read_tip, stored, walk

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases import changes, flags, notes, proposals, queries
from tocsin.cases.models import Alarm, Case, CaseState, CaseTip, Change, Flag, MergeProposal, Placed
from tocsin.linking import degree, hubs
from tocsin.linking.models import Hub, WeakPair

pytestmark = pytest.mark.django_db


def case_of(tip: Any) -> Case:
    return CaseTip.objects.get(tip=tip).case


def state() -> dict[str, Any]:
    """Everything that people see of the live cases."""
    return {
        case.number: (
            case.state, case.lane, case.lane_reasons, case.urgency, case.worked_on, case.first_received_at,
            case.last_received_at, case.seen_at, frozenset(case.case_tips.values_list("tip_id", flat=True)),
            frozenset(case.notes.values_list("pk", flat=True)),
        )
        for case in Case.objects.filter(merged_into=None)
    }  # fmt: skip


def two() -> tuple[Any, Any]:
    tips = read_tip("strong:vase", danger="yes"), read_tip("strong:bowl", day=2)
    walk()
    return tips


def test_a_merge_moves_everything_and_its_undo_brings_everything_back(analyst: User) -> None:
    vase, bowl = two()
    notes.add(case_of(bowl), analyst, "A note about the bowl.")
    before = state()
    old = {tip.pk: case_of(tip).number for tip in (vase, bowl)}
    change = changes.merge(case_of(vase), case_of(bowl), analyst, "The same potter.")
    assert isinstance(change, Change)
    assert partition() == {frozenset({vase.pk, bowl.pk})}
    heir = case_of(vase)
    assert heir.number == old[bowl.pk], "the case that people worked on lives on"
    assert heir.lane == "immediate" and heir.notes.count() == 1
    assert queries.case_for(analyst, old[vase.pk]) == heir
    changes.undo(change.public_id, analyst)
    assert state() == before
    assert queries.case_for(analyst, old[vase.pk]).number == old[vase.pk]
    actions = list(
        AuditRow.objects.filter(action__in=["case.merge", "case.undo"]).values_list("action", flat=True)
    )
    assert actions == ["case.merge", "case.undo"]


def test_a_split_gives_a_new_number_and_its_undo_leads_that_number_back(analyst: User) -> None:
    tips = [read_tip("strong:vase", day=n) for n in range(3)]
    walk()
    case, before = case_of(tips[0]), state()
    change = changes.split(case, [tips[2].public_id], analyst, "Another workshop.")
    assert partition() == {frozenset({tips[0].pk, tips[1].pk}), frozenset({tips[2].pk})}
    case.refresh_from_db()
    assert case.worked_on and case.last_received_at == tips[1].received_at
    later = read_tip("strong:vase")
    walk()
    assert case_of(later) == case, "software does not join again what people parted"
    assert MergeProposal.objects.filter(state="draft").count() == 1
    number = case_of(tips[2]).number
    changes.move(case, later.public_id, case_of(tips[2]), analyst, "It speaks of the other workshop.")
    with pytest.raises(NotAllowed, match="has grown since"):
        changes.undo(change.public_id, analyst)
    changes.undo(Change.objects.get(kind="move").public_id, analyst)
    changes.undo(change.public_id, analyst)
    assert queries.case_for(analyst, number) == case
    assert set(state()) == set(before)
    case.refresh_from_db()
    assert not case.worked_on


def test_undoing_in_another_order_is_refused_only_where_something_is_built_upon(analyst: User) -> None:
    one, other, third = read_tip("strong:a"), read_tip("strong:b"), read_tip("strong:c")
    walk()
    before = state()
    first = changes.merge(case_of(one), case_of(other), analyst, "One.")
    second = changes.merge(case_of(one), case_of(third), analyst, "Two.")
    assert isinstance(first, Change) and isinstance(second, Change)
    changes.undo(first.public_id, analyst)
    assert partition() == {frozenset({one.pk, third.pk}), frozenset({other.pk})}
    changes.undo(second.public_id, analyst)
    assert state() == before
    with pytest.raises(NotAllowed, match="undone already"):
        changes.undo(second.public_id, analyst)


def test_a_merge_into_a_merged_case_has_to_be_undone_first(analyst: User) -> None:
    tips = [read_tip(f"strong:{name}") for name in "abc"]
    walk()
    inner = changes.merge(case_of(tips[1]), case_of(tips[2]), analyst, "One.")
    outer = changes.merge(case_of(tips[0]), case_of(tips[1]), analyst, "Two.")
    assert isinstance(inner, Change) and isinstance(outer, Change)
    heir = outer.case
    if inner.case != heir:
        with pytest.raises(NotAllowed, match="was merged since"):
            changes.undo(inner.public_id, analyst)
    changes.undo(outer.public_id, analyst)
    changes.undo(inner.public_id, analyst)
    assert partition() == {frozenset({tip.pk}) for tip in tips}


def test_what_makes_no_sense_is_a_sentence_and_changes_nothing(analyst: User) -> None:
    vase, bowl = two()
    case, other, before = case_of(vase), case_of(bowl), state()
    for act in (
        lambda: changes.merge(case, case, analyst, "Why not."),
        lambda: changes.merge(case, other, analyst, " "),
        lambda: changes.split(case, [vase.public_id], analyst, "All of it."),
        lambda: changes.split(case, [bowl.public_id], analyst, "Not there."),
        lambda: changes.split(case, [], analyst, "Nothing."),
        lambda: changes.move(case, vase.public_id, other, analyst, "The only one."),
        lambda: changes.move(case, vase.public_id, case, analyst, "To itself."),
        lambda: changes.detach(case, "000000000000", analyst, "Unknown."),
        lambda: changes.undo("000000000000", analyst),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert state() == before and not Change.objects.exists()


def test_two_cases_that_people_worked_on_are_merged_by_two_people(analyst: User, reviewer: User) -> None:
    vase, bowl = two()
    for tip in (vase, bowl):
        notes.add(case_of(tip), analyst, "A note.")
    item = changes.merge(case_of(vase), case_of(bowl), analyst, "The same potter.")
    assert isinstance(item, MergeProposal)
    with pytest.raises(NotAllowed):
        proposals.approve(item, analyst, item.digest)
    with pytest.raises(NotAllowed, match="waits for a second person"):
        changes.merge(case_of(vase), case_of(bowl), analyst, "Again.")
    proposals.approve(item, reviewer, item.digest)
    assert partition() == {frozenset({vase.pk, bowl.pk})}
    assert proposals.waiting().count() == 0


def test_what_people_declined_is_not_drafted_again_on_the_same_evidence(analyst: User) -> None:
    vase, bowl = two()
    for tip in (vase, bowl):
        notes.add(case_of(tip), analyst, "A note.")
    read_tip("strong:vase", "strong:bowl")
    walk()
    proposals.reject(proposals.waiting().get(), analyst, "Two potters.")
    read_tip("strong:vase", "strong:bowl")
    walk()
    assert not proposals.waiting().exists()
    assert MergeProposal.objects.count() == 1


def test_an_undone_merge_of_software_keeps_the_two_apart(analyst: User) -> None:
    vase, bowl = two()
    read_tip("strong:vase", "strong:bowl")
    walk()
    changes.undo(Change.objects.get(kind="merge").public_id, analyst)
    read_tip("strong:vase", "strong:bowl")
    walk()
    assert case_of(vase) != case_of(bowl)
    assert proposals.waiting().count() == 1


def test_a_detached_identifier_joins_nothing_in_that_case_until_it_is_undone(analyst: User) -> None:
    vase, other = read_tip("strong:vase", "strong:jar"), read_tip("strong:bowl")
    walk()
    case = case_of(vase)
    (jar,) = stored(["strong:jar"])
    change = changes.detach(case, jar.public_id, analyst, "Everybody has such a jar.")
    apart = read_tip("strong:jar")
    walk()
    assert case_of(apart) not in (case, case_of(other))
    changes.undo(change.public_id, analyst)
    back = read_tip("strong:vase")
    walk()
    assert case_of(back) == case
    case.refresh_from_db()
    assert not case.worked_on


def test_a_detached_identifier_that_held_two_pieces_together_is_cut_by_one_act(analyst: User) -> None:
    one, other = read_tip("strong:vase", "strong:jar"), read_tip("strong:bowl", "strong:jar", day=1)
    walk()
    case, before = case_of(one), partition()
    assert changes.cut(case, analyst, "Does it hold?") == []
    (jar,) = stored(["strong:jar"])
    changes.detach(case, jar.public_id, analyst, "Everybody has such a jar.")
    (change,) = changes.cut(case, analyst, "It held by the jar.")
    assert partition() == {frozenset({one.pk}), frozenset({other.pk})}
    changes.undo(change.public_id, analyst)
    assert partition() == before


def test_a_site_beside_many_different_things_becomes_a_hub_and_what_it_glued_comes_apart(
    analyst: User,
) -> None:
    hubs.set_threshold("hub", 4, analyst)
    tips = []
    for n in range(6):
        tips.append(read_tip("site:market", f"strong:{n}"))
        walk()
    alone = read_tip("site:market")
    walk()
    assert partition() == {frozenset({tip.pk}) for tip in tips}
    assert Placed.objects.get(tip=alone).loose
    hub = Hub.objects.get()
    assert (hub.why, hub.degree) == ("degree", 4) and hub.cut_at is not None
    assert not Case.objects.filter(worked_on=True).exists()


def test_a_storm_on_one_site_does_not_make_it_a_hub(analyst: User) -> None:
    hubs.set_threshold("hub", 4, analyst)
    tips = [read_tip("site:market", "strong:vase") for _ in range(20)]
    walk()
    assert not Hub.objects.exists()
    assert partition() == {frozenset(tip.pk for tip in tips)}
    (site,) = stored(["site:market"])
    assert degree.companions([site.pk]) == {site.pk: 1}


def test_of_a_case_that_people_worked_on_they_are_asked_before_it_is_cut(analyst: User) -> None:
    hubs.set_threshold("hub", 4, analyst)
    tips = [read_tip("site:market", f"strong:{n}") for n in range(3)]
    walk()
    case = case_of(tips[0])
    notes.add(case, analyst, "A note.")
    late = read_tip("site:market", "strong:9")
    walk()
    assert case_of(tips[2]) == case and case_of(late) != case
    (flag,) = flags.of_case(case)
    assert (flag.kind, flag.facts["pieces"]) == ("glued", 3)
    changes.cut(case, analyst, "The market is shared by many.")
    assert not Flag.objects.filter(settled_at=None).exists()
    assert len(partition()) == 4


def test_people_may_say_that_a_site_is_no_hub_and_it_joins_again(analyst: User, reviewer: User) -> None:
    hubs.set_threshold("hub", 2, analyst)
    tips = [read_tip("site:market", f"strong:{n}") for n in range(3)]
    walk()
    assert len(partition()) == 3
    (site,) = stored(["site:market"])
    change = hubs.propose(analyst, site, False, "It belongs to one group.")
    with pytest.raises(NotAllowed):
        hubs.approve(change, analyst, change.digest)
    hubs.approve(change, reviewer, change.digest)
    late = read_tip("site:market")
    walk()
    assert partition() == {frozenset(tip.pk for tip in (*tips, late))}


def test_weak_names_join_with_a_second_sign_and_not_alone() -> None:
    alone = read_tip("weak:kiln")
    pair = [read_tip("weak:kiln", "weak:clay"), read_tip("weak:clay", "weak:kiln", day=400)]
    other = read_tip("weak:clay")
    walk()
    assert partition() == {frozenset(tip.pk for tip in pair)}
    assert set(Placed.objects.filter(loose=True).values_list("tip_id", flat=True)) == {alone.pk, other.pk}


def test_a_weak_name_and_a_handle_join_what_the_handle_alone_would_not() -> None:
    near = read_tip("handle:jar", "weak:kiln")
    walk()
    far = read_tip("handle:jar", "weak:kiln", day=400)
    not_it = read_tip("handle:jar", day=800)
    walk()
    assert partition() == {frozenset({near.pk, far.pk}), frozenset({not_it.pk})}


def test_weak_pairs_do_not_depend_on_the_order_of_arrival() -> None:
    first = read_tip("weak:kiln", "weak:clay")
    walk()
    assert Placed.objects.get(tip=first).loose
    second = read_tip("weak:kiln", "weak:clay", "strong:vase")
    walk()
    third = read_tip("strong:vase")
    walk()
    assert partition() == {frozenset({first.pk, second.pk, third.pk})}
    assert WeakPair.objects.filter(tip=first).count() == 3


def test_a_case_that_is_merged_keeps_its_number_for_ever(analyst: User) -> None:
    tips = [read_tip(f"strong:{n}") for n in range(4)]
    walk()
    numbers = [case_of(tip).number for tip in tips]
    for tip in tips[1:]:
        changes.merge(case_of(tips[0]), case_of(tip), analyst, "One.")
    heir = case_of(tips[0])
    assert [queries.case_for(analyst, number) for number in numbers] == [heir] * 4
    assert Case.objects.filter(state=CaseState.MERGED).count() == 3
    assert queries.old_numbers(heir) == sorted(set(numbers) - {heir.number})
    for number in numbers:
        assert list(queries.queue(analyst, q=number)) == [heir]


def test_an_old_number_leads_on_over_several_merges(analyst: User) -> None:
    tips = [read_tip(f"strong:{n}") for n in range(3)]
    walk()
    first, middle, last = (case_of(tip) for tip in tips)
    changes.merge(middle, last, analyst, "One.")
    changes.merge(first, middle, analyst, "Two.")
    heir = case_of(tips[0])
    others = {first.number, middle.number, last.number} - {heir.number}
    assert set(queries.old_numbers(heir)) == others
    assert {queries.case_for(analyst, number) for number in others} == {heir}


def test_a_merge_rings_nobody_twice_and_a_split_rings_nobody_anew(analyst: User) -> None:
    from tocsin.cases import alarms

    vase, bowl = read_tip("strong:vase", danger="yes"), read_tip("strong:bowl", danger="yes")
    walk()
    alarms.work(100)
    assert Alarm.objects.filter(over_at=None).count() == 2
    merged = changes.merge(case_of(vase), case_of(bowl), analyst, "The same potter.")
    assert isinstance(merged, Change)
    alarms.work(100)
    (alarm,) = Alarm.objects.filter(over_at=None)
    assert alarm.case == case_of(vase)
    changes.undo(merged.public_id, analyst)
    alarms.work(100)
    assert Alarm.objects.count() == 2
