"""Tips, merges, splits, moves, detachments, undos, hubs and bystanders in any order: what must always hold.

Every actionable tip is in exactly one case or in none because nothing joins it; the partition of what people left
alone does not depend on the order of arrival; after everything is undone it is as if nothing had been done; every
change of state has its audit row.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from read_tips import partition, read_tip, stored, walk

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases import changes, undoing
from tocsin.cases.models import Case, CaseTip, Change, Placed
from tocsin.identifiers.models import Bystander, key_of
from tocsin.linking import hubs
from tocsin.linking.models import Degree, Hub, Threshold
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db

# few names, so that they meet often
NAMES = ["strong:0", "strong:1", "strong:2", "handle:0", "weak:0", "weak:1", "site:market"]
ACTS = ["merge", "split", "move", "detach", "cut"]
tips = st.lists(st.sampled_from(NAMES), max_size=4, unique=True)
days = st.sampled_from([0, 50, 170, 200, 400])
pick = st.integers(0, 10_000)


class Rollback(Exception):
    """Ends an example's transaction."""


class Cases(RuleBasedStateMachine):
    """One hotline, from empty, in a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.named: list[tuple[list[str], float, str]] = []

    @initialize()
    def people(self) -> None:
        self.user = User.objects.create(username="machine", role="analyst")
        self.reviewer = User.objects.create(username="second", role="reviewer")
        Threshold.objects.create(name="hub", value=2, set_by=self.user, set_at=read_at())

    @rule(names=tips, day=days, danger=st.sampled_from(["", "", "", "yes"]), batch=st.booleans())
    def arrives(self, names: list[str], day: float, danger: str, batch: bool) -> None:
        read_tip(*names, day=day, danger=danger)
        self.named.append((names, day, danger))
        if not batch:
            walk()

    @rule()
    def worker(self) -> None:
        walk()

    @rule(one=pick, other=pick)
    @precondition(lambda self: self.live())
    def merge(self, one: int, other: int) -> None:
        cases = self.live()
        self.tried(lambda: changes.merge(cases[one % len(cases)], cases[other % len(cases)], self.user, "x"))

    @rule(one=pick, some=st.lists(pick, min_size=1, max_size=3))
    @precondition(lambda self: self.live())
    def split(self, one: int, some: list[int]) -> None:
        cases = self.live()
        case = cases[one % len(cases)]
        names = list(case.case_tips.order_by("pk").values_list("tip__public_id", flat=True))
        self.tried(lambda: changes.split(case, [names[n % len(names)] for n in some], self.user, "x"))

    @rule(one=pick, other=pick, tip=pick)
    @precondition(lambda self: self.live())
    def move(self, one: int, other: int, tip: int) -> None:
        cases = self.live()
        case = cases[one % len(cases)]
        names = list(case.case_tips.order_by("pk").values_list("tip__public_id", flat=True))
        to = cases[other % len(cases)]
        self.tried(lambda: changes.move(case, names[tip % len(names)], to, self.user, "x"))

    @rule(one=pick, name=st.sampled_from(NAMES))
    @precondition(lambda self: self.live())
    def detach(self, one: int, name: str) -> None:
        cases = self.live()
        (identifier,) = stored([name])
        self.tried(lambda: changes.detach(cases[one % len(cases)], identifier.public_id, self.user, "x"))

    @rule(one=pick)
    @precondition(lambda self: self.live())
    def cut(self, one: int) -> None:
        cases = self.live()
        self.tried(lambda: changes.cut(cases[one % len(cases)], self.user, "x"))

    @rule(one=pick)
    def undo(self, one: int) -> None:
        names = list(Change.objects.order_by("pk").values_list("public_id", flat=True))
        if names:
            self.tried(lambda: changes.undo(names[one % len(names)], self.user))

    @rule(act=st.sampled_from(ACTS), one=pick, other=pick)
    def done_and_undone(self, act: str, one: int, other: int) -> None:
        """A change that is undone at once leaves everything as it was."""
        walk()
        before, last = state(), Change.objects.count()
        _act(self.user, act, one, other)
        for change in list(Change.objects.order_by("-pk"))[: Change.objects.count() - last]:
            changes.undo(change.public_id, self.user)
        assert state() == before

    @rule(name=st.just("site:market"), hub=st.booleans())
    def people_say_hub(self, name: str, hub: bool) -> None:
        (identifier,) = stored([name])

        def both() -> None:
            change = hubs.propose(self.user, identifier, hub, "x")
            hubs.approve(change, self.reviewer, change.digest)

        self.tried(both)

    @rule(name=st.sampled_from(NAMES[:4]))
    def becomes_a_bystander(self, name: str) -> None:
        (one,) = stored([name])
        Bystander.objects.get_or_create(
            key=key_of(one.kind, one.platform, one.canonical),
            defaults={
                "kind": one.kind, "platform": one.platform, "canonical": one.canonical, "label": "x", "why": "x",
                "source": "x", "source_date": read_at().date(), "added_at": read_at(),
            },
        )  # fmt: skip
        walk()

    def tried(self, act: Any) -> None:
        """A refusal is a sentence, and leaves nothing half done."""
        before = state()
        try:
            with transaction.atomic():
                act()
        except NotAllowed as refusal:
            assert str(refusal)
            assert state() == before

    def live(self) -> list[Case]:
        return list(Case.objects.filter(merged_into=None, case_tips__isnull=False).distinct().order_by("pk"))

    @invariant()
    def each_placed_tip_is_in_one_case_or_loose(self) -> None:
        placed = dict(Placed.objects.values_list("tip_id", "loose"))
        where = dict(CaseTip.objects.values_list("tip_id", "case__merged_into"))
        assert {tip for tip, loose in placed.items() if not loose} == set(where)
        assert set(where.values()) <= {None}, "no tip lies in a case that was merged away"

    @invariant()
    def each_case_that_was_merged_leads_to_one_that_lives(self) -> None:
        heirs = dict(Case.objects.values_list("pk", "merged_into"))
        for case in heirs:
            seen = set()
            while heirs[case] is not None:
                assert case not in seen, "a circle of numbers"
                seen.add(case)
                case = heirs[case]

    @invariant()
    def each_change_is_audited(self) -> None:
        done = AuditRow.objects.filter(action__in=AUDITED).count()
        undone = AuditRow.objects.filter(action="case.undo").count()
        assert done == Change.objects.count()
        assert undone == Change.objects.exclude(undone_at=None).count()

    def teardown(self) -> None:
        try:
            walk()
            self.each_placed_tip_is_in_one_case_or_loose()
        finally:
            self.atomic.__exit__(Rollback, Rollback(), None)


AUDITED = ["case.merge", "case.split", "case.cut", "case.move", "case.detach", "case.loosened"]


def read_at() -> Any:
    from read_tips import DAY_ONE

    return DAY_ONE


def state() -> Any:
    """What people see: who is together, states, lanes, reasons, times, and whether people worked on it."""
    cases = Case.objects.filter(merged_into=None).order_by("pk")
    return partition(), list(
        cases.values_list(
            "number",
            "state",
            "lane",
            "lane_reasons",
            "urgency",
            "worked_on",
            "first_received_at",
            "last_received_at",
        )
    )


QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck)}
# `make test` walks over the same few histories each time, `make soak` over many new ones
LONG = pytest.param({"max_examples": 400}, marks=pytest.mark.soak, id="long")


def forms(examples: int) -> pytest.MarkDecorator:
    """The short form of a property, with so many examples, and its long form."""
    short = pytest.param({"max_examples": examples, "derandomize": True}, id="short")
    return pytest.mark.parametrize("form", [short, LONG])


@pytest.mark.django_db
@forms(15)
def test_any_history_leaves_the_cases_whole(form: dict[str, Any]) -> None:
    run_state_machine_as_test(Cases, settings=settings(stateful_step_count=15, **form, **QUIET))


acts = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "move", "detach", "cut"]), pick, pick), max_size=6
)


@pytest.mark.django_db
@forms(25)
def test_after_undoing_everything_the_state_equals_the_start(form: dict[str, Any]) -> None:
    @settings(**form, **QUIET)
    @given(arrivals=st.lists(st.tuples(tips, days), min_size=4, max_size=8), acts=acts)
    def run(arrivals: list[tuple[list[str], float]], acts: list[tuple[str, int, int]]) -> None:
        with pytest.raises(Rollback), transaction.atomic():
            user = User.objects.create(username="machine", role="analyst")
            for names, day in arrivals:
                read_tip(*names, day=day)
            walk()
            before = state()
            for act, one, other in acts:
                _act(user, act, one, other)
            for change in Change.objects.filter(undone_at=None).exclude(actor="worker").order_by("-pk"):
                assert undoing.why_not(change) == "", "the latest first can always be undone"
                changes.undo(change.public_id, user)
            assert state() == before
            raise Rollback

    run()


def _act(user: User, act: str, one: int, other: int) -> None:
    live = list(Case.objects.filter(merged_into=None, case_tips__isnull=False).distinct().order_by("pk"))
    if not live:
        return
    case, to = live[one % len(live)], live[other % len(live)]
    names = list(case.case_tips.order_by("pk").values_list("tip__public_id", flat=True))
    tip = names[other % len(names)]
    named = stored([NAMES[other % len(NAMES)]])[0]
    doing = {
        "merge": lambda: changes.merge(case, to, user, "x"),
        "split": lambda: changes.split(case, [tip], user, "x"),
        "move": lambda: changes.move(case, tip, to, user, "x"),
        "detach": lambda: changes.detach(case, named.public_id, user, "x"),
        "cut": lambda: changes.cut(case, user, "x"),
    }[act]
    try:
        with transaction.atomic():
            doing()
    except NotAllowed:
        return


@pytest.mark.django_db
@forms(20)
def test_any_order_of_arrival_gives_the_same_partition_with_hubs_weak_names_and_bystanders(
    form: dict[str, Any],
) -> None:
    late_hub = [(["site:market", "strong:0"], 0), (["site:market"], 0), (["site:market", "strong:1"], 0)]
    late_pair = [(["weak:0", "weak:1"], 0), (["weak:0", "weak:1"], 0), (["strong:0", "weak:1"], 0)]

    @settings(**form, **QUIET)
    @example(arrivals=late_hub, order=random.Random(1), size=1)
    @example(arrivals=late_hub, order=random.Random(3), size=1)
    @example(arrivals=late_pair, order=random.Random(1), size=1)
    @given(
        arrivals=st.lists(st.tuples(tips, days), min_size=4, max_size=8),
        order=st.randoms(use_true_random=False),
        size=st.sampled_from([1, 2, 500]),
    )
    def run(arrivals: list[tuple[list[str], float]], order: Any, size: int) -> None:
        first = _arrive(list(enumerate(arrivals)), 500)
        mixed = list(enumerate(arrivals))
        order.shuffle(mixed)
        assert _arrive(mixed, size) == first

    run()


def _arrive(arrivals: list[tuple[int, tuple[list[str], float]]], size: int) -> set[frozenset[int]]:
    """The partition of arrivals by their numbers; a single tip in a case and one in none count alike."""
    result: set[frozenset[int]] = set()
    with pytest.raises(Rollback), transaction.atomic():
        user = User.objects.create(username="order", role="analyst")
        Threshold.objects.create(name="hub", value=2, set_by=user, set_at=read_at())
        numbers = {}
        for number, (names, day) in arrivals:
            numbers[read_tip(*names, day=day).pk] = number
            if size < 500:
                walk(size)
        walk(size)
        assert Tip.objects.count() == len(arrivals)
        result = {frozenset(numbers[pk] for pk in together) for together in partition() if len(together) > 1}
        assert Degree.objects.count() <= len(NAMES)
        assert Hub.objects.filter(hub=True).count() <= 1
        raise Rollback
    return result
