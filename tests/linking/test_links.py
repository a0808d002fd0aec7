"""Each readable mention gets one link, with the rule that says whether it joins."""

from __future__ import annotations

import pytest
from read_tips import partition, read_tip, walk

from tocsin.accounts.models import User
from tocsin.identifiers import bystanders
from tocsin.identifiers.models import Bystander, BystanderChange
from tocsin.linking.link import link_tips
from tocsin.linking.models import Link, Linked
from tocsin.linking.rules import JOINING, Naming, rule
from tocsin.linking.steps import link

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("naming", "expected"),
    [
        (Naming("strong", "unknown", False, 1), "strong"),
        (Naming("handle", "reported", False, 20), "handle"),
        (Naming("weak", "unknown", False, 1), "weak"),
        (Naming("hub", "unknown", False, 1), "hub"),
        (Naming("strong", "unknown", False, 21), "list"),
        (Naming("strong", "bystander", False, 1), "role"),
        (Naming("strong", "reported", True, 1), "bystander"),
    ],
)
def test_the_rule_has_a_name(naming: Naming, expected: str) -> None:
    assert rule(naming) == expected
    assert (expected in JOINING) is (expected in ("strong", "handle"))


def test_linking_twice_changes_nothing() -> None:
    tip = read_tip("strong:kiln", "weak:clay")
    link_tips([tip])
    link_tips([tip])
    assert set(Link.objects.values_list("identifier__canonical", "joins", "rule")) == {
        ("strong:kiln", True, "strong"),
        ("weak:clay", False, "weak"),
    }
    assert Linked.objects.count() == 1


def test_a_tip_that_was_not_read_waits() -> None:
    tip = read_tip("strong:kiln")
    tip.reading.delete()
    assert link(500) == 0


def test_a_child_in_danger_is_linked_first() -> None:
    read_tip("strong:kiln")
    urgent = read_tip("strong:wheel", danger="yes")
    link(1)
    assert Linked.objects.get().tip == urgent


def _approved(analyst: User, reviewer: User, name: str, remove: bool = False) -> BystanderChange:
    change = bystanders.propose(
        analyst, ("account", "test", name), "Pottery news", "news", "its own page", remove=remove
    )
    bystanders.approve(change, reviewer, change.digest)
    return change


def test_what_two_people_call_a_bystander_joins_no_more(analyst: User, reviewer: User) -> None:
    early = read_tip("strong:kiln"), read_tip("strong:kiln")
    walk()
    _approved(analyst, reviewer, "strong:kiln")
    later = read_tip("strong:kiln")
    walk()
    assert partition() == {frozenset(tip.pk for tip in early)}, "what is together stays; nothing is added"
    assert set(Link.objects.values_list("joins", "rule")) == {(False, "bystander")}
    assert later.placed.loose


def test_what_two_people_take_off_the_list_joins_new_tips(analyst: User, reviewer: User) -> None:
    _approved(analyst, reviewer, "strong:kiln")
    read_tip("strong:kiln")
    walk()
    _approved(analyst, reviewer, "strong:kiln", remove=True)
    tips = read_tip("strong:kiln"), read_tip("strong:kiln")
    walk()
    assert not Bystander.objects.exists()
    assert partition() == {frozenset(tip.pk for tip in tips)}
