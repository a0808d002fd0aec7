"""Tips land in cases because of identifiers, and the order in which they come does not matter."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from read_tips import partition, read_tip, walk

from tocsin.accounts.models import User
from tocsin.cases import findings, nearby, notes, queries
from tocsin.cases import steps as cases
from tocsin.cases.models import Case, CaseEvent, CaseState, CaseTip, MergeProposal, Placed
from tocsin.cases.numbers import next_number
from tocsin.identifiers.models import Identifier
from tocsin.lib.models import StepFailure
from tocsin.lib.writing import write
from tocsin.linking import steps as linking
from tocsin.linking.models import Link

pytestmark = pytest.mark.django_db


def case_of(tip: Any) -> Case:
    return CaseTip.objects.get(tip=tip).case


def test_tips_that_share_a_strong_identifier_are_one_case_however_far_apart() -> None:
    first, second, other = read_tip("strong:kiln"), read_tip("strong:kiln", day=900), read_tip("strong:wheel")
    walk()
    assert partition() == {frozenset({first.pk, second.pk}), frozenset({other.pk})}


def test_a_handle_joins_within_180_days_and_not_beyond() -> None:
    first = read_tip("handle:kiln")
    near = read_tip("handle:kiln", day=180)
    walk()
    far = read_tip("handle:kiln", day=361)
    walk()
    assert partition() == {frozenset({first.pk, near.pk}), frozenset({far.pk})}


def test_a_handle_joins_along_a_chain_of_near_tips() -> None:
    tips = [read_tip("handle:kiln", day=day) for day in (0, 300, 150)]
    walk()
    assert partition() == {frozenset(tip.pk for tip in tips)}


def test_two_tips_on_a_handle_do_not_bridge_what_lies_between_them_in_another_way() -> None:
    """A case may hold the handle on day 0 and day 600; a tip of day 300 is near neither of them."""
    ends = [read_tip("handle:kiln", "strong:wheel"), read_tip("handle:kiln", "strong:wheel", day=600)]
    walk()
    middle = read_tip("handle:kiln", day=300)
    walk()
    assert partition() == {frozenset(tip.pk for tip in ends), frozenset({middle.pk})}


@pytest.mark.parametrize("name", ["weak:kiln", "hub:kiln"])
def test_weak_names_and_hubs_join_nothing_and_open_nothing(name: str) -> None:
    read_tip(name), read_tip(name)
    walk()
    assert not Case.objects.exists()
    assert Placed.objects.filter(loose=True).count() == 2


@pytest.mark.parametrize("name", ["weak:kiln", "hub:kiln"])
def test_weak_names_and_hubs_glue_no_cases(name: str) -> None:
    one, two = read_tip(name, "strong:vase"), read_tip(name, "strong:bowl")
    walk()
    assert partition() == {frozenset({one.pk}), frozenset({two.pk})}


def test_a_bystander_by_role_joins_nothing() -> None:
    read_tip("strong:kiln", role="bystander"), read_tip("strong:kiln", role="bystander")
    walk()
    assert not Case.objects.exists()


def test_a_pasted_list_joins_nothing_and_is_kept() -> None:
    lists = [read_tip(*(f"strong:vase{n}" for n in range(21))) for _ in range(2)]
    walk()
    assert not Case.objects.exists()
    assert set(Link.objects.values_list("rule", flat=True)) == {"list"}
    assert Link.objects.filter(tip=lists[0]).count() == 21


def test_twenty_identifiers_are_no_list_yet() -> None:
    tips = [read_tip(*(f"strong:vase{n}" for n in range(20))) for _ in range(2)]
    walk()
    assert partition() == {frozenset(tip.pk for tip in tips)}


def test_a_child_in_danger_is_a_case_at_once_even_without_any_name() -> None:
    tip = read_tip(danger="yes")
    quiet = read_tip(danger="unsure")
    walk()
    assert case_of(tip).lane == "immediate"
    assert Placed.objects.get(tip=quiet).loose


def test_a_tip_merges_the_untouched_cases_that_it_connects() -> None:
    vase, bowl = read_tip("strong:vase"), read_tip("strong:bowl")
    walk()
    older, younger = case_of(vase), case_of(bowl)
    bridge = read_tip("strong:vase", "strong:bowl")
    walk()
    younger.refresh_from_db()
    assert partition() == {frozenset({vase.pk, bowl.pk, bridge.pk})}
    assert younger.state == CaseState.MERGED and younger.merged_into == older
    merged = CaseEvent.objects.get(case=older, kind="merged")
    assert merged.facts.pop("change")
    assert merged.facts == {"number": younger.number, "tips": 1, "ids": [bowl.public_id]}
    assert not CaseEvent.objects.filter(case=younger).exists(), "its timeline moved"


def test_the_number_that_people_worked_on_lives_on(analyst: User) -> None:
    vase, bowl = read_tip("strong:vase"), read_tip("strong:bowl")
    walk()
    notes.add(case_of(bowl), analyst, "A note.")
    read_tip("strong:vase", "strong:bowl")
    walk()
    assert case_of(vase).number.endswith("2")
    assert queries.notes_of(case_of(vase))[0].text == "A note."


def test_two_cases_that_people_worked_on_stay_apart_and_hear_of_each_other(analyst: User) -> None:
    vase, bowl = read_tip("strong:vase", "strong:jar"), read_tip("strong:bowl")
    walk()
    for case in Case.objects.all():
        notes.add(case, analyst, "A note.")
    bridge = read_tip("strong:vase", "strong:jar", "strong:bowl")
    walk()
    again = read_tip("strong:vase", "strong:bowl")
    walk()
    assert partition() == {frozenset({vase.pk, bridge.pk, again.pk}), frozenset({bowl.pk})}
    for case, other in ((case_of(vase), case_of(bowl)), (case_of(bowl), case_of(vase))):
        assert CaseEvent.objects.get(case=case, kind="merge_drafted").facts["number"] == other.number
    draft = MergeProposal.objects.get()
    assert (draft.state, draft.tip) == ("draft", bridge)
    named = Identifier.objects.filter(public_id__in=draft.because).values_list("canonical", flat=True)
    assert set(named) == {"strong:bowl"}


def test_a_finding_draws_later_tips_into_its_case(analyst: User) -> None:
    vase = read_tip("strong:vase")
    walk()
    findings.add(case_of(vase), analyst, "bowl.example.com")
    from tocsin.identifiers.extract import canonical_from
    from tocsin.identifiers.store import store
    from tocsin.tips.models import Mention

    later = read_tip()
    (site,) = store(canonical_from("bowl.example.com")).values()
    Mention.objects.create(
        tip=later, identifier=site, strength="strong", data_version="test", rule="test", start=0, end=1
    )
    walk()
    assert case_of(later) == case_of(vase)


def test_a_closed_case_takes_a_new_tip_and_stays_closed() -> None:
    vase = read_tip("strong:vase")
    walk()
    Case.objects.update(state=CaseState.CLOSED)
    read_tip("strong:vase")
    walk()
    assert case_of(vase).state == CaseState.CLOSED
    assert case_of(vase).case_tips.count() == 2


def test_the_case_says_which_identifiers_put_a_tip_there() -> None:
    first = read_tip("strong:vase", "strong:bowl")
    second = read_tip("strong:vase", "strong:jar", day=1)
    walk()
    third = read_tip("strong:jar", "weak:vase", day=2)
    walk()
    lines = queries.tips_of(case_of(first))
    assert [line.tip for line in lines] == [first, second, third]
    assert [line.why for line in lines] == [
        ["opened the case"],
        ["joined by account/test strong:vase (strong)"],
        ["joined by account/test strong:jar (strong)"],
    ]


NAMES = [f"{strength}:{name}" for strength in ("strong", "handle", "weak", "hub") for name in "abc"]
TIPS = st.lists(
    st.tuples(st.sets(st.sampled_from(NAMES), max_size=3), st.integers(0, 600)), min_size=2, max_size=7
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tips=TIPS, order=st.randoms(use_true_random=False), batch=st.integers(1, 4))
def test_any_order_of_arrival_and_any_batch_gives_the_same_cases(
    tips: list[tuple[set[str], int]], order: random.Random, batch: int
) -> None:
    first = _arrive(list(enumerate(tips)), 500)
    shuffled = list(enumerate(tips))
    order.shuffle(shuffled)
    assert _arrive(shuffled, batch) == first


def _arrive(tips: list[tuple[int, tuple[set[str], int]]], batch: int) -> set[frozenset[int]]:
    """The partition by the tips' places in the original list; everything is rolled back."""
    places: dict[int, int] = {}
    with transaction.atomic():
        for start in range(0, len(tips), batch):
            for place, (names, day) in tips[start : start + batch]:
                places[read_tip(*sorted(names), day=day).pk] = place
            walk(batch)
        found = {frozenset(places[pk] for pk in together) for together in partition()}
        transaction.set_rollback(True)
    return found


def test_no_number_is_given_twice_and_none_is_left_out() -> None:
    with write():
        numbers = [next_number() for _ in range(3)]
    year = numbers[0][:4]
    assert numbers == [f"{year}-000001", f"{year}-000002", f"{year}-000003"]


def test_placing_takes_as_many_queries_for_many_tips_as_for_few() -> None:
    counts = []
    for size in (3, 3, 60):
        for n in range(size):
            read_tip(f"strong:{len(counts)}-{n % (size // 3)}", f"handle:{len(counts)}-{n}")
        with CaptureQueriesContext(connection) as link:
            linking.link(500)
        with CaptureQueriesContext(connection) as place:
            cases.place(500)
        with CaptureQueriesContext(connection) as score:
            cases.score(500)
        counts.append((len(link), len(place), len(score)))
    few, many = counts[1:]
    assert all(now <= then for now, then in zip(many, few, strict=True)), counts
    assert max(counts[2]) <= 35
    assert not StepFailure.objects.exists()


@pytest.mark.parametrize("few", [0, 64])
def test_joining_looks_things_up_by_an_index(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "FEW", few)
    for text in ("strong:vase handle:bowl", "handle:bowl", "weak:jar handle:bowl", "weak:jar handle:bowl"):
        read_tip(*text.split())
        linking.link(500)
        with CaptureQueriesContext(connection) as seen:
            cases.place(500)
    joins = [q["sql"] for q in seen if q["sql"].lstrip().startswith("SELECT")]
    assert [sql for sql in joins if "linking_link" in sql]
    if connection.vendor != "sqlite":
        return  # a planner may rightly scan a table of two rows; SQLite's plan does not depend on its size
    for sql in joins:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
            plan = [row[3] for row in cursor.fetchall()]
        scans = [line.split()[1] for line in plan if line.startswith("SCAN")]
        # a list that was sent, and what another look has given already, are read through
        assert all(name in ("json_each", "a", "CONSTANT") for name in scans), (sql, plan)


def test_a_tip_alone_that_names_a_popular_handle_joins_what_is_near_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nearby, "FEW", 1)
    first = [read_tip("handle:bowl", day=day) for day in (0, 100, 400, 401)]
    walk()
    alone = read_tip("handle:bowl", day=402)
    walk()
    assert not StepFailure.objects.exists()
    tips = [frozenset(tip.pk for tip in first[:2]), frozenset(tip.pk for tip in (*first[2:], alone))]
    assert partition() == set(tips)
