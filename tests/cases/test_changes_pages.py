"""The pages by which people say which tips belong together: without JavaScript, with a sentence for each refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.cases import notes, proposals
from tocsin.cases.flags import BURST, GLUED, raise_flag
from tocsin.cases.models import Case, Change, Flag, MergeProposal
from tocsin.cases.numbers import gate
from tocsin.identifiers.models import Identifier
from tocsin.lib.writing import write

KILN, SQUARE = "weibo.com/u/6660012345", "weibo.com/u/6660054321"
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def two(tip: Callable[..., Any], work: Callable[[], int]) -> tuple[Case, Case]:
    """Two cases: three tips about a kiln, two about a square; one of each also names a site."""
    for text in (f"{KILN} first", f"{KILN} second https://pots.example/a", f"{KILN} third"):
        tip(text)
    for text in (f"{SQUARE} one https://bowls.example/b", f"{SQUARE} two"):
        tip(text)
    work()
    kiln, square = Case.objects.order_by("pk")
    return kiln, square


def url(case: Case, rest: str) -> str:
    return f"/console/cases/{case.number}/{rest}"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def tips_of(case: Case) -> list[str]:
    return list(case.case_tips.order_by("tip_id").values_list("tip__public_id", flat=True))


def change_of(kind: str) -> Change:
    return Change.objects.get(kind=kind)


def test_two_cases_are_looked_at_side_by_side_merged_and_parted_again(
    two: tuple[Case, Case], analyst_client: Any
) -> None:
    kiln, square = two
    look = text(analyst_client.get(url(kiln, "merge/"), {"other": square.number}))
    assert "uid:6660012345" in look and "uid:6660054321" in look and "They become one case at once." in look
    assert Change.objects.count() == 0, "to look changes nothing"
    done = analyst_client.post(
        url(kiln, "merge/"), {"other": square.number, "reason": "one wheel"}, follow=True
    )
    assert "They are one case. It can be undone." in text(done)
    panel = text(analyst_client.get(url(kiln, "changes/"), **FRAGMENT))
    assert f"Case {square.number} merged into {kiln.number}" in panel and "one wheel" in panel
    undone = analyst_client.post(url(kiln, f"changes/{change_of('merge').public_id}/undo/"), follow=True)
    assert "It is undone." in text(undone)
    assert sorted(len(tips_of(case)) for case in Case.objects.filter(merged_into=None)) == [2, 3]


def test_where_people_worked_on_both_a_second_person_approves_what_stands_side_by_side(
    two: tuple[Case, Case], analyst_client: Any, reviewer_client: Any, analyst: Any
) -> None:
    kiln, square = two
    for case in two:
        notes.add(case, analyst, "seen")
    look = text(analyst_client.get(url(kiln, "merge/"), {"other": square.number}))
    assert "another person has to approve it" in look and "Propose the merge" in look
    done = analyst_client.post(
        url(kiln, "merge/"), {"other": square.number, "reason": "one wheel"}, follow=True
    )
    assert done.redirect_chain[-1][0] == "/console/merges/" and "one wheel" in text(done)
    item = MergeProposal.objects.get()
    assert item.public_id in text(reviewer_client.get("/console/approvals/"))
    page = text(reviewer_client.get(f"/console/approvals/merge/{item.public_id}/"))
    assert "one wheel" in page and "uid:6660012345" in page and "uid:6660054321" in page
    own = analyst_client.post(f"/console/approvals/merge/{item.public_id}/approve/", {"digest": item.digest})
    assert own.status_code in (404, 200) and Case.objects.filter(merged_into=None).count() == 2
    reviewer_client.post(f"/console/approvals/merge/{item.public_id}/approve/", {"digest": item.digest})
    assert Case.objects.filter(merged_into=None).count() == 1


def test_softwares_draft_is_taken_up_or_declined_by_a_person(
    two: tuple[Case, Case], analyst_client: Any, analyst: Any
) -> None:
    site = Identifier.objects.get(canonical="pots.example/a")
    with write():
        gate()
        proposals.draft(two[0], two[1], [site.public_id], None)
    item = MergeProposal.objects.get()
    page = text(analyst_client.get("/console/merges/"))
    assert "found by software" in page and "They stay apart" in page
    assert "shares something with this case" in text(analyst_client.get(url(two[1], "changes/"), **FRAGMENT))
    analyst_client.post(f"/console/merges/{item.public_id}/agree/", {"reason": "one shop"})
    item.refresh_from_db()
    assert (item.state, item.proposed_by) == ("proposed", analyst)
    refused = text(analyst_client.post(f"/console/merges/{item.public_id}/decline/", {}, follow=True))
    assert "another person has to approve it" in refused
    item.refresh_from_db()
    assert item.state == "proposed"


def test_ticked_tips_become_a_case_of_their_own(two: tuple[Case, Case], analyst_client: Any) -> None:
    kiln = two[0]
    page = text(analyst_client.get(url(kiln, "split/")))
    assert page.count('name="tip"') == 3
    ids = tips_of(kiln)
    done = analyst_client.post(url(kiln, "split/"), {"tip": ids[1:], "reason": "another kiln"}, follow=True)
    assert "a case of their own" in text(done)
    new = change_of("split").other
    assert new is not None and tips_of(new) == ids[1:] and tips_of(kiln) == ids[:1]


def test_all_tips_that_name_something_are_split_by_one_tick(
    two: tuple[Case, Case], analyst_client: Any
) -> None:
    kiln = two[0]
    site = Identifier.objects.get(canonical="pots.example/a")
    page = text(analyst_client.get(url(kiln, "split/"), {"naming": site.public_id}))
    assert page.count('name="tip"') == 1 and "the 1 tip that names it" in page
    form = {"all_naming": site.public_id, "reason": "the shop"}
    analyst_client.post(url(kiln, "split/"), form)
    assert len(tips_of(change_of("split").other)) == 1  # type: ignore[arg-type]  # a split made one


def test_what_cannot_be_done_comes_back_with_its_sentence_and_what_was_typed(
    two: tuple[Case, Case], analyst_client: Any
) -> None:
    kiln = two[0]
    every = analyst_client.post(url(kiln, "split/"), {"tip": tips_of(kiln), "reason": "zebrafinch"})
    assert every.status_code == 400 and "At least one tip has to stay" in text(every)
    assert "zebrafinch" in text(every) and text(every).count(" checked") == 3
    itself = analyst_client.post(url(kiln, "merge/"), {"other": kiln.number, "reason": "x"})
    assert itself.status_code == 400 and "one case already" in text(itself)
    nowhere = analyst_client.post(url(kiln, "merge/"), {"other": "2019-000009", "reason": "x"})
    assert nowhere.status_code == 400 and "There is no case of this number." in text(nowhere)
    silent = analyst_client.post(url(kiln, "merge/"), {"other": two[1].number, "reason": ""})
    assert silent.status_code == 400
    assert Change.objects.count() == 0


def test_a_tip_is_moved_and_the_move_undone(two: tuple[Case, Case], analyst_client: Any) -> None:
    kiln, square = two
    tip = tips_of(kiln)[2]
    assert "Text of the tip" in text(analyst_client.get(url(kiln, f"tips/{tip}/move/")))
    wrong = analyst_client.post(url(kiln, f"tips/{tip}/move/"), {"to": "12", "reason": "x"})
    assert wrong.status_code == 400 and "There is no case of this number." in text(wrong)
    done = analyst_client.post(
        url(kiln, f"tips/{tip}/move/"), {"to": square.number, "reason": "a square"}, follow=True
    )
    assert "The tip is in the other case" in text(done) and tip in tips_of(square)
    analyst_client.post(url(square, f"changes/{change_of('move').public_id}/undo/"))
    assert tip in tips_of(kiln)


def test_an_identifier_is_detached_and_the_case_cut_without_it(
    two: tuple[Case, Case], analyst_client: Any
) -> None:
    kiln = two[0]
    assert "still hangs together" in text(analyst_client.get(url(kiln, "cut/")))
    name = Identifier.objects.get(canonical="uid:6660012345")
    page = text(analyst_client.get(url(kiln, "detach/"), {"identifier": name.public_id}))
    assert f'value="{name.public_id}" selected' in page
    done = analyst_client.post(
        url(kiln, "detach/"), {"identifier": name.public_id, "reason": "everybody's"}, follow=True
    )
    assert "It joins nothing in this case any more" in text(done)
    assert "loose tips" in text(done) or "of its own" in text(done), "the page shows how it comes apart"
    before = len(tips_of(kiln))
    cut = analyst_client.post(url(kiln, "cut/"), {"reason": "nothing joins them"}, follow=True)
    assert "The case is cut." in text(cut)
    assert len(tips_of(kiln)) < before


def test_an_undo_that_makes_no_sense_has_no_button_but_a_sentence(
    two: tuple[Case, Case], analyst_client: Any
) -> None:
    kiln, square = two
    tip = tips_of(kiln)[2]
    analyst_client.post(url(kiln, f"tips/{tip}/move/"), {"to": square.number, "reason": "a square"})
    first = change_of("move")
    analyst_client.post(url(square, f"tips/{tip}/move/"), {"to": kiln.number, "reason": "no, a kiln"})
    panel = text(analyst_client.get(url(kiln, "changes/"), **FRAGMENT))
    assert "undo that first" in panel
    assert f"changes/{first.public_id}/undo/" not in panel and panel.count("/undo/") == 1
    refused = analyst_client.post(url(kiln, f"changes/{first.public_id}/undo/"), follow=True)
    assert "undo that first" in text(refused) and tip in tips_of(kiln)


def test_a_change_of_another_case_is_not_found(two: tuple[Case, Case], analyst_client: Any) -> None:
    kiln, square = two
    analyst_client.post(url(kiln, "split/"), {"tip": tips_of(kiln)[:1], "reason": "apart"})
    answer = analyst_client.post(url(square, f"changes/{change_of('split').public_id}/undo/"))
    assert answer.status_code == 404


def test_flags_are_told_in_words_filtered_and_settled_once(
    two: tuple[Case, Case], analyst_client: Any, analyst: Any
) -> None:
    kiln, square = two
    name = Identifier.objects.get(canonical="uid:6660012345")
    with write():
        raise_flag(kiln, BURST, name.public_id, tips=214, minutes=12, unknown=200, alike=190, networks=3)
        raise_flag(square, GLUED, name.public_id, pieces=4)
    page = text(analyst_client.get("/console/flags/"))
    assert "214 tips on uid:6660012345 came in within 12 minutes" in page and "4 pieces" in page
    only = text(analyst_client.get("/console/flags/", {"kind": "glued"}))
    assert "214 tips" not in only and "4 pieces" in only
    assert "214 tips" in text(analyst_client.get(url(kiln, "changes/"), **FRAGMENT))
    flag = Flag.objects.get(kind=BURST)
    settle = f"/console/flags/{flag.public_id}/settle/"
    assert analyst_client.post(settle, {"how": "perhaps"}).status_code == 404
    analyst_client.post(settle, {"how": "done"})
    flag.refresh_from_db()
    assert (flag.settled_by, flag.settled_how) == (analyst, "done")
    assert "answered this already" in text(analyst_client.post(settle, {"how": "done"}, follow=True))


def test_the_lists_ask_the_database_as_often_for_many_as_for_few(
    two: tuple[Case, Case], analyst_client: Any, tip: Callable[..., Any], work: Callable[[], int]
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as few:
            assert analyst_client.get("/console/flags/").status_code == 200
            assert analyst_client.get(url(two[0], "split/")).status_code == 200
        return len(few)

    with write():
        raise_flag(two[0], GLUED, "", pieces=2)
    first = count()
    for number in range(6):
        tip(f"{KILN} again {number} https://x{number}.example/")
    work()
    with write():
        for number in range(6):
            raise_flag(two[1], GLUED, f"{number}", pieces=2)
    assert count() <= first + 1


def test_the_panel_stands_on_the_case_page_and_is_a_page_without_javascript(
    two: tuple[Case, Case], analyst_client: Any
) -> None:
    page = text(analyst_client.get(f"/console/cases/{two[0].number}/"))
    assert f'href="{url(two[0], "changes/")}"' in page
    whole = text(analyst_client.get(url(two[0], "changes/")))
    assert "<html" in whole and "Nobody changed by hand" in whole


def test_no_page_links_to_a_suspect(two: tuple[Case, Case], analyst_client: Any) -> None:
    for path in (
        url(two[0], "merge/") + f"?other={two[1].number}",
        url(two[0], "split/"),
        "/console/merges/",
    ):
        page = text(analyst_client.get(path))
        assert re.findall(r'(?:href|src|action)="(?!/|#|\?)', page) == []
        assert 'href="https://pots' not in page
