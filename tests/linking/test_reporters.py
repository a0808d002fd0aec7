"""How many people report something independently of each other."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from read_tips import read_tip

from tocsin.accounts.models import User
from tocsin.linking.models import Copy
from tocsin.linking.reporters import Count, Sent, counted, independent, independent_of_cases, sentence
from tocsin.tips.models import ApiClient, Tip

pytestmark = pytest.mark.django_db


def _tip(**fields: Any) -> Any:
    tip = read_tip("strong:kiln")
    fields.setdefault("box_tag", tip.mailbox_tag)
    Tip.objects.filter(pk=tip.pk).update(**fields)
    tip.refresh_from_db()
    return tip


def _copy(tip: Any, of: Any) -> None:
    Copy.objects.create(tip=tip, of=of, likeness=90, at=timezone.now())


def _count(*tips: Any) -> Count:
    return independent([tip.pk for tip in tips])


@pytest.mark.parametrize("tag", ["contact_tag", "sender_tag"])
def test_one_tag_is_one_reporter(tag: str) -> None:
    assert _count(_tip(**{tag: "ada"}), _tip(**{tag: "ada"}), _tip(**{tag: "ben"})) == Count(2, 0)


def test_tags_of_different_fields_are_never_compared() -> None:
    assert _count(_tip(contact_tag="ada"), _tip(sender_tag="ada")) == Count(2, 0)


def test_a_contact_and_a_sender_of_one_tip_are_one_person() -> None:
    both = _tip(contact_tag="ada", sender_tag="chat-7")
    assert _count(_tip(contact_tag="ada"), both, _tip(sender_tag="chat-7")) == Count(1, 0)


def test_an_own_mailbox_tells_nothing_and_counts_half() -> None:
    count = _count(_tip(), _tip(), _tip())
    assert (count, count.value) == (Count(0, 3), Decimal("1.5"))


def test_a_tip_added_in_a_mailbox_is_of_the_same_reporter() -> None:
    first = _tip()
    assert _count(first, _tip(box_tag=first.mailbox_tag), _tip()) == Count(0, 2)


def test_a_mailbox_of_somebody_who_left_a_contact_is_known() -> None:
    first = _tip(contact_tag="ada")
    assert _count(first, _tip(box_tag=first.mailbox_tag)) == Count(1, 0)


def test_unknown_reporters_are_capped() -> None:
    assert [Count(1, n).value for n in (0, 1, 4, 5, 1000)] == [1, Decimal("1.5"), 3, 3, 3]


def _client(admin: User) -> ApiClient:
    return ApiClient.objects.create(
        name="partner", key_digest="x", created_by=admin, created_at=timezone.now()
    )


def test_an_api_client_that_names_nobody_is_one_reporter(analyst: User) -> None:
    client = _client(analyst)
    assert _count(_tip(client=client), _tip(client=client)) == Count(1, 0)


def test_an_api_client_that_forwards_for_many_counts_by_sender(analyst: User) -> None:
    client = _client(analyst)
    one, two = (_tip(client=client, sender_tag=name) for name in ("ada", "ben"))
    assert _count(one, two, _tip(client=client, contact_tag="eve")) == Count(3, 0)


def test_one_network_within_the_hour_counts_once() -> None:
    assert _count(_tip(network=7), _tip(network=7), _tip(network=8), _tip(), _tip()) == Count(0, 4)
    assert _count(_tip(network=7, contact_tag="ada"), _tip(network=7, contact_tag="ben")) == Count(1, 0)


def test_two_who_forward_one_message_count_once() -> None:
    one, two, other = _tip(contact_tag="ada"), _tip(contact_tag="ben"), _tip(contact_tag="eve")
    _copy(two, one)
    assert _count(one, two, other) == Count(2, 0)


def test_two_copies_count_once_where_the_first_tip_is_elsewhere() -> None:
    first, one, two = _tip(contact_tag="ada"), _tip(contact_tag="ben"), _tip(contact_tag="eve")
    _copy(one, first)
    _copy(two, first)
    assert _count(one, two) == Count(1, 0)


def test_who_forwards_a_message_and_also_writes_counts_with_what_they_write() -> None:
    one, two, own = _tip(contact_tag="ada"), _tip(contact_tag="ben"), _tip(contact_tag="ben")
    _copy(two, one)
    assert _count(one, two, own) == Count(2, 0)


def test_nothing_is_nobody_and_a_tip_that_is_gone_is_left_out() -> None:
    assert independent([]) == Count(0, 0)
    assert independent([10**9]) == Count(0, 0)


def test_cases_are_counted_apart_in_the_same_queries(django_assert_num_queries: Any) -> None:
    tips = [_tip(contact_tag=f"reporter {n % 3}") for n in range(30)]
    with django_assert_num_queries(1):
        counts = independent_of_cases({7: [tip.pk for tip in tips], 8: [tips[0].pk], 9: []})
    assert counts == {7: Count(3, 0), 8: Count(1, 0), 9: Count(0, 0)}


def test_the_sentence_says_what_counts_half_and_that_it_is_capped() -> None:
    with translation.override("en"):
        assert sentence(Count(1, 0)) == "1 independent reporter."
        assert sentence(Count(3, 1)) == (
            "3 independent reporters; 1 tip that does not tell who sent it counts half: 3.5 in all."
        )
        assert sentence(Count(0, 40)) == (
            "0 independent reporters; 40 tips that do not tell who sent them count half each, "
            "together no more than 2: 2 in all."
        )


SENT = st.builds(
    lambda clues, message: Sent(tuple(("contact", clue) for clue in clues), bool(clues), message),
    st.lists(st.integers(0, 5), max_size=2),
    st.integers(0, 5),
)


@given(st.lists(SENT, max_size=9), st.randoms(use_true_random=False))
def test_the_count_is_the_most_that_are_pairwise_independent(sent: list[Sent], chance: random.Random) -> None:
    count = counted(sent)
    assert count.known + count.unknown == _most(sent)
    assert count.known == _most([one for one in sent if one.known])
    shuffled = list(sent)
    chance.shuffle(shuffled)
    assert counted(shuffled) == count


def _most(sent: list[Sent]) -> int:
    """By trying: the largest set of tips of different people and messages."""
    people: list[set[int]] = []
    for place, one in enumerate(sent):
        near = [p for p in people if any(set(sent[other].clues) & set(one.clues) for other in p)]
        people = [p for p in people if p not in near] + [{place}.union(*near)]
    person = {place: number for number, group in enumerate(people) for place in group}
    for size in range(len(sent), 0, -1):
        for some in combinations(range(len(sent)), size):
            if len({person[p] for p in some}) == len({sent[p].message for p in some}) == size:
                return size
    return 0


def test_a_storm_of_one_message_is_counted_in_linear_work() -> None:
    sent = [Sent((("contact", n),), True, 0) for n in range(20_000)]
    sent += [Sent((("contact", n),), True, n) for n in range(1, 20_000, 2)]
    assert counted(sent) == Count(10_001, 0)


def test_a_count_asks_the_same_number_of_queries_for_many_tips() -> None:
    few, many = [_tip().pk for _ in range(2)], [_tip().pk for _ in range(60)]
    asked = []
    for ids in (few, many):
        with CaptureQueriesContext(connection) as queries:
            independent(ids)
        asked.append(len(queries))
    assert asked[0] == asked[1]
