"""Two workers at once, or one that dies between its steps, give no duplicate case."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from read_tips import partition, read_tip, walk

from tocsin.cases import place as placing
from tocsin.cases import steps as cases
from tocsin.cases.models import Case, CaseEvent, CaseTip, Placed, Scored
from tocsin.cases.place import place_tips
from tocsin.lib.models import StepFailure
from tocsin.linking import steps as linking
from tocsin.linking.models import Linked


def _at_once(*works: Callable[[], object]) -> None:
    """Run these at the same moment, each with a database connection of its own; what breaks is raised here."""
    broken: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait(10)
            work()
        except BaseException as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_tips_make_each_row_once() -> None:
    for n in range(40):
        read_tip(f"strong:{n % 5}", f"handle:{n % 7}")
    _at_once(*[walk] * 3)
    walk()
    assert [model.objects.count() for model in (Linked, Placed, CaseTip, Scored)] == [40] * 4
    assert len(partition()) == Case.objects.filter(merged_into__isnull=True).count() == 1
    assert not StepFailure.objects.exists()
    assert (
        sum(event.facts["tips"] for event in CaseEvent.objects.filter(kind__in=["opened", "tips_joined"]))
        == 40
    )


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_different_tips_that_share_an_identifier_open_one_case() -> None:
    for _ in range(5):
        pairs = [read_tip("strong:vase"), read_tip("strong:vase")]
        linking.link(500)
        _at_once(*[lambda tip=tip: place_tips([tip]) for tip in pairs])
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert len(partition()) == len(numbers) == 1
    assert CaseTip.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_two_workers_give_no_number_twice() -> None:
    tips = [read_tip(f"strong:{n}") for n in range(20)]
    linking.link(500)
    _at_once(lambda: place_tips(tips[:10]), lambda: place_tips(tips[10:]))
    numbers = sorted(int(number[5:]) for number in Case.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 21))


@pytest.mark.django_db
@pytest.mark.parametrize("dies_in", ["open_cases", "add_tips"])
def test_a_worker_that_dies_while_placing_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    """The database's transaction is what is tried here: the death is an error at the last line but one."""
    early = read_tip("strong:vase")
    walk()
    late = [read_tip("strong:vase"), read_tip("strong:jar")]
    linking.link(500)
    real = getattr(placing.grow, dies_in)

    def dies(*args: object) -> None:
        real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(placing.grow, dies_in, dies)
        with pytest.raises(KeyboardInterrupt):
            cases.place(500)
    assert list(Placed.objects.values_list("tip_id", flat=True)) == [early.pk]
    assert Case.objects.count() == CaseTip.objects.count() == 1
    walk()
    assert partition() == {frozenset({early.pk, late[0].pk}), frozenset({late[1].pk})}
