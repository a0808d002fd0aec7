"""A data file changed: tips are read again; what a person said stays, and nobody changes places by it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases import opening, roles
from tocsin.cases import reread as again
from tocsin.cases.models import Case, CaseEvent, CaseTip, Placed
from tocsin.identifiers.catalogue_in_use import data_version
from tocsin.identifiers.models import Identifier
from tocsin.lib.models import StepFailure
from tocsin.linking.models import Link
from tocsin.tips import reread as tips_again
from tocsin.tips.mentions import set_role
from tocsin.tips.models import Mention, Reading, Tip
from tocsin.tips.sealed import open_identifier

pytestmark = pytest.mark.django_db
Send = Callable[..., Tip]
Work = Callable[[], int]
Use = Callable[..., None]
TEXT = "again at kilnroom//kiln88 since March"  # names nothing until somebody describes the platform


def potters(strength: str = "strong", needle: str = "kilnroom", prefix: str = "") -> str:
    return f"""platform = "potters"
source = "the hotline's own note"
date = "2026-11-01"

[[form]]
id = "name"
kind = "account"
canonical = "{prefix}{{name}}"
strength = "{strength}"
pattern = '{needle}//(?P<name>[a-z0-9]+)'
needle = "{needle}//"

[fields]
name = '[a-z0-9]+'
"""


@pytest.fixture
def use(tmp_path: Path, settings: Any) -> Use:
    """Change the hotline's own platform files, as a new start of the worker would find them."""

    def change(**words: str) -> None:
        settings.PLATFORMS_DIR = tmp_path / "-".join(["own", *words.values()])
        settings.PLATFORMS_DIR.mkdir(exist_ok=True)
        (settings.PLATFORMS_DIR / "potters.toml").write_text(potters(**words))
        again.start_over()

    return change


def named(tip: Tip) -> set[str]:
    rows = tip.mentions.select_related("identifier")
    return {row.identifier.canonical if row.identifier else "sealed" for row in rows}


def test_a_loose_tip_whose_platform_was_described_later_joins_the_case_of_the_others(
    tip: Send, work: Work, use: Use
) -> None:
    first, second = tip(TEXT), tip("kilnroom//kiln88 sells vases")
    work()
    assert Placed.objects.filter(loose=True).count() == 2
    use()
    work()
    (case,) = Case.objects.all()
    assert {one.tip for one in case.case_tips.all()} == {first, second}
    assert named(first) == named(second) == {"kiln88"}
    assert set(Link.objects.values_list("tip_id", "joins")) == {(first.pk, True), (second.pk, True)}
    assert set(Reading.objects.values_list("data_version", "found")) == {(data_version(), 1)}
    mention = first.mentions.get()
    assert (
        TEXT[mention.start : mention.end] == "kilnroom//kiln88"
        and mention.rule == "platforms/potters.toml#name"
    )


def test_doing_it_twice_changes_nothing_more(tip: Send, work: Work, use: Use) -> None:
    one = tip(TEXT)
    work()
    use()
    assert again.reread(200) == 1
    assert again.reread(200) == 0
    before = list(Mention.objects.values()), list(Link.objects.values()), AuditRow.objects.count()
    again.start_over()
    again.read_tips_again([one])
    assert (list(Mention.objects.values()), list(Link.objects.values()), AuditRow.objects.count()) == before


def test_a_batch_that_dies_leaves_nothing_behind_and_is_done_again(
    tip: Send, work: Work, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip(TEXT)
    work()
    use()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(again, "_tell", dies)
        with pytest.raises(KeyboardInterrupt):
            again.reread(200)
    assert not Mention.objects.exists() and Placed.objects.get().loose
    again.start_over()  # a new process
    work()
    assert Mention.objects.count() == 1 and CaseTip.objects.count() == 1


def test_what_is_no_longer_found_goes_with_its_links_unless_a_person_judged_it(
    tip: Send, work: Work, use: Use, analyst: User
) -> None:
    use()
    judged, other = tip("kilnroom//kiln88 sells"), tip("kilnroom//wheel7 sells")
    work()
    set_role(judged.mentions.get(), "reported", analyst)
    use(needle="clayroom")
    work()
    assert named(judged) == {"kiln88"} and judged.mentions.get().role == "reported"
    assert Link.objects.filter(tip=judged).exists()
    assert named(other) == set() and not Link.objects.filter(tip=other).exists()
    assert not Identifier.objects.filter(canonical="wheel7").exists()


def test_a_tip_in_a_case_stays_there_and_its_timeline_says_what_changed(
    tip: Send, work: Work, use: Use, analyst: User, analyst_client: Any
) -> None:
    one = tip(TEXT)
    work()
    case = opening.open_by_hand(one, analyst)
    use()
    work()
    assert CaseTip.objects.get(tip=one).case == case and Case.objects.count() == 1
    assert CaseEvent.objects.get(kind="read_again").facts == {"added": 1, "removed": 0}
    newer = tip("kilnroom//kiln88 once more")
    work()
    assert CaseTip.objects.get(tip=newer).case == case
    page = analyst_client.get(f"/console/cases/{case.number}/").content.decode()
    assert "read again with changed data: 1 newly found" in page


def test_a_case_page_still_opens_when_the_identifier_that_made_it_is_gone(
    tip: Send, work: Work, use: Use, analyst_client: Any
) -> None:
    use()
    tip(TEXT), tip("kilnroom//kiln88 sells vases")
    work()
    case = Case.objects.get()
    use(needle="clayroom")
    work()
    assert Case.objects.get() == case and case.case_tips.count() == 2
    assert analyst_client.get(f"/console/cases/{case.number}/").status_code == 200


def test_a_changed_strength_reaches_identifier_mention_and_link(tip: Send, work: Work, use: Use) -> None:
    use()
    one = tip(TEXT)
    work()
    use(strength="weak")
    work()
    assert one.mentions.get().strength == "weak"
    assert Identifier.objects.get(canonical="kiln88").strength == "weak"
    assert set(Link.objects.values_list("strength", "joins", "rule")) == {("weak", False, "weak")}


def test_new_readings_of_what_hides_a_child_hide_it_too(
    tip: Send, work: Work, use: Use, analyst: User
) -> None:
    use()
    one = tip(TEXT)
    work()
    mention = one.mentions.select_related("identifier").get()
    assert mention.identifier is not None
    roles.set_role(Case.objects.get(), mention.identifier.public_id, "child", analyst)
    use(prefix="uid:")
    work()
    rows = list(one.mentions.order_by("pk"))
    assert [(row.role, row.identifier, row.role_set_by) for row in rows] == [
        ("child", None, analyst),
        ("child", None, None),
    ]
    inside = [open_identifier(row.identifier_sealed or b"")[2] for row in rows]
    assert inside == ["kiln88", "uid:kiln88"]
    assert not Identifier.objects.exists() and not Link.objects.exists()


def test_the_newest_come_first_but_danger_before_all(tip: Send, work: Work, use: Use) -> None:
    urgent, older, newer = tip(TEXT, danger="yes"), tip(TEXT + " a"), tip(TEXT + " b")
    work()
    use()
    order: list[int] = []
    for _ in range(3):
        assert again.reread(1) == 1
        done = set(Reading.objects.filter(data_version=data_version()).values_list("tip_id", flat=True))
        order.append((done - set(order)).pop())
    assert order == [urgent.pk, newer.pk, older.pk]
    assert again.reread(1) == 0


def test_one_broken_tip_does_not_stop_the_others(tip: Send, work: Work, use: Use) -> None:
    good, broken = tip(TEXT), tip(TEXT + " b")
    work()
    use()
    Tip.objects.filter(pk=broken.pk).update(narrative_sealed=b"not sealed at all")
    assert again.reread(200) == 1
    assert named(good) == {"kiln88"}
    assert StepFailure.objects.get(step=again.REREAD).source_id == broken.pk


def test_the_audit_counts_and_names_no_content(tip: Send, work: Work, use: Use) -> None:
    one = tip(TEXT)
    work()
    use()
    work()
    rows = AuditRow.objects.filter(action__in=["tip.reread", "tips.reread"])
    assert sorted(rows.values_list("action", "object"))[0] == ("tip.reread", f"tip:{one.public_id}")
    assert {row.action: row.detail for row in rows} == {
        "tip.reread": {"added": 1, "removed": 0},
        "tips.reread": {"tips": 1, "changed": 1},
    }


def test_a_tip_that_was_read_but_not_yet_linked_is_linked_by_its_own_step(
    tip: Send, work: Work, use: Use
) -> None:
    from tocsin.tips.steps import read

    one = tip(TEXT)
    read(500)
    use()
    again.read_tips_again([one])
    assert not Link.objects.exists()
    work()
    assert Link.objects.get().tip == one and CaseTip.objects.get().tip == one


def test_a_later_own_number_is_sealed_when_the_words_for_it_are_learnt(
    tip: Send, work: Work, use: Use
) -> None:
    one = tip(TEXT, contact="kilnroom//kiln88")
    work()
    use()
    work()
    row = one.mentions.get()
    assert row.role == "reporter" and row.identifier is None and row.role_set_by is None
    assert not Identifier.objects.filter(canonical="kiln88").exists()
    assert list(tips_again.stale(data_version(), 10, None, False, [])) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_read_again_at_once_do_each_tip_once(tip: Send, work: Work, use: Use) -> None:
    tips = [tip(f"kilnroom//kiln{n % 3} on day {n}") for n in range(30)]
    work()
    use()
    broken: list[BaseException] = []
    start = threading.Barrier(3)

    def run() -> None:
        try:
            start.wait(10)
            for first in range(0, 30, 10):
                again.read_tips_again(tips[first : first + 10])
        except BaseException as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken == []
    assert Mention.objects.count() == Link.objects.count() == CaseTip.objects.count() == 30
    assert Case.objects.filter(merged_into__isnull=True).count() == 3
    assert AuditRow.objects.filter(action="tip.reread").count() == 30
