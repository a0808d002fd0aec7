"""A burst of alike tips from unknown senders asks a person to look; it moves no lane."""

from __future__ import annotations

from typing import Any

import pytest
from read_tips import read_tip, walk

from tocsin.accounts.models import User
from tocsin.cases import flags
from tocsin.cases.models import Case, Flag
from tocsin.lib.ids import public_id
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
MINUTE = 1 / 1440  # days
ALIKE = "alike"


def storm(count: int, text_tag: str = ALIKE, minutes: float = 1, start: float = 0, **fields: Any) -> None:
    """Tips on one account, one every so many minutes."""
    for n in range(count):
        tip = read_tip("strong:vase", day=(start + n * minutes) * MINUTE)
        given = {"text_tag": text_tag or public_id()} | {
            name: value() if callable(value) else value for name, value in fields.items()
        }
        Tip.objects.filter(pk=tip.pk).update(**given)
    walk()


def test_a_burst_of_alike_tips_raises_one_flag_and_says_what_was_seen() -> None:
    storm(25)
    flag = Flag.objects.get()
    assert flag.kind == flags.BURST
    assert flag.facts == {"tips": 25, "minutes": 25, "unknown": 25, "alike": 25, "networks": 0}
    storm(10, start=26)
    assert Flag.objects.count() == 1


def test_a_burst_moves_no_lane_and_hides_no_child_in_danger() -> None:
    storm(25)
    case = Case.objects.get()
    assert case.lane == "normal"
    assert case.reporters < 3  # copies and unknown ones never make "several"
    read_tip("strong:vase", day=30 * MINUTE, danger="yes")
    walk()
    case.refresh_from_db()
    assert case.lane == "immediate"
    assert Flag.objects.filter(kind=flags.BURST).exists()


@pytest.mark.parametrize(
    "peaceful",
    [
        {"count": 19},
        {"count": 25, "text_tag": ""},
        {"count": 25, "minutes": 10},
        {"count": 25, "contact_tag": public_id},
    ],
    ids=["few", "different texts", "over hours", "known senders"],
)
def test_ordinary_tips_are_no_burst(peaceful: dict[str, Any]) -> None:
    storm(**peaceful)
    assert not Flag.objects.filter(kind=flags.BURST).exists()


def test_a_settled_burst_counts_no_more_but_a_new_one_does(analyst: User) -> None:
    storm(25)
    flags.settle(Flag.objects.get().public_id, analyst)
    storm(5, start=25)
    assert Flag.objects.count() == 1
    storm(20, start=30)
    assert Flag.objects.filter(settled_at__isnull=True).count() == 1
