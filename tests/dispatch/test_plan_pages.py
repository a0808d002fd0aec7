"""The plan panel and the page of one dispatch, as analyst and reviewer use them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from plan_rows import NARRATIVE, approve_all, mention, open_case, proposed, suspect_case, to

from tocsin.cases.models import Case
from tocsin.directory.models import Recipient, Route
from tocsin.dispatch.models import Dispatch, Plan
from tocsin.lib import sealing


@pytest.fixture
def case(directory: None, analyst: Any) -> Case:
    return suspect_case(analyst)


def panel(client: Any, case: Case, **headers: str) -> str:
    answer = client.get(f"/console/cases/{case.number}/plan/", headers=headers)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def ticks(page: str) -> dict[str, Any]:
    """What a browser would post: the ticked boxes and chosen options of the panel."""
    boxes = re.findall(
        r'<input class="form-check-input" type="(?:checkbox|radio)" name="(\w+)" value="([^"]*)"([^>]*)>',
        page,
    )
    data: dict[str, Any] = {"line": [], "item": [], "category": "recruiting"}
    for name, value, rest in boxes:
        if "checked" in rest:
            if name in ("line", "item"):
                data[name].append(value)
            else:
                data[name] = value
    return data


def post(client: Any, case: Case, data: dict[str, Any]) -> Any:
    return client.post(f"/console/cases/{case.number}/plan/make/", data)


def test_the_panel_is_a_fragment_for_htmx_and_a_page_without_it(case: Case, analyst_client: Any) -> None:
    fragment = panel(analyst_client, case, **{"HX-Request": "true"})
    assert "<html" not in fragment
    assert "Harbin Public Security" in fragment
    assert "<html" in panel(analyst_client, case)


def test_police_first_is_preset_when_police_are_in_the_plan(
    case: Case, directory: None, analyst_client: Any
) -> None:
    assert ticks(panel(analyst_client, case))["order"] == "police_first"


def test_proposing_what_is_preset_makes_and_proposes_it_in_one_go(
    case: Case, analyst: Any, analyst_client: Any
) -> None:
    answer = post(analyst_client, case, ticks(panel(analyst_client, case)))
    assert answer.status_code == 302
    plan = Plan.objects.get()
    assert (plan.order, plan.made_by, plan.category) == ("police_first", analyst, "recruiting")
    assert {row.recipient.key for row in plan.dispatches.all()} == {
        "police-harbin",
        "weibo",
        "x",
        "hosting-home",
    }
    assert set(plan.dispatches.values_list("state", flat=True)) == {"proposed"}


def test_only_what_is_ticked_is_proposed_with_the_words_for_each_side(
    case: Case, analyst_client: Any
) -> None:
    data = ticks(panel(analyst_client, case))
    data["line"] = [key for key in data["line"] if not key.endswith(Recipient.objects.get(key="x").public_id)]
    site = next(value for value in data["item"] if value.startswith("referral:"))
    data["item"].remove(site)
    data |= {"words": "Words for platforms.", "words_police": "Words for police."}
    assert post(analyst_client, case, data).status_code == 302
    plan = Plan.objects.get()
    assert not plan.dispatches.filter(recipient__key="x").exists()
    assert to(plan, "police-harbin").items.count() == 2
    assert sealing.unseal(to(plan, "police-harbin").words_sealed) == "Words for police."
    assert sealing.unseal(to(plan, "weibo").words_sealed) == "Words for platforms."


def test_a_refusal_keeps_what_was_typed_and_writes_nothing(case: Case, analyst_client: Any) -> None:
    Route.objects.filter(recipient__key="weibo").delete()
    data = ticks(panel(analyst_client, case)) | {"words": "A long and careful text."}
    answer = post(analyst_client, case, data)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "No person has confirmed a route to Weibo" in page
    assert "A long and careful text." in page
    assert not Plan.objects.exists()
    assert not Dispatch.objects.exists()


def test_items_that_are_not_offered_cannot_be_smuggled_in(case: Case, analyst_client: Any) -> None:
    other = mention(case, ("account", "weibo", "uid:6660055002", "strong"))
    weibo = Recipient.objects.get(key="weibo").public_id
    data = {
        "order": "together",
        "category": "contact",
        "line": f"notice:{weibo}",
        "item": f"notice:{weibo}/{other.public_id}",
    }
    assert post(analyst_client, case, data).status_code == 409
    assert not Dispatch.objects.exists()


def test_where_no_place_is_known_the_analyst_chooses_police(
    directory: None, analyst: Any, analyst_client: Any
) -> None:
    case = open_case(cities=(), lane="immediate")
    mention(case, ("phone", "phone", "+33639980123", "strong"), "reported", analyst)
    page = panel(analyst_client, case)
    assert "choose" in page
    assert "No recipient is known." in page
    data = ticks(page) | {"police": Recipient.objects.get(key="police-fr").public_id, "order": "police_first"}
    assert post(analyst_client, case, data).status_code == 302
    assert set(Dispatch.objects.values_list("recipient__key", flat=True)) == {"police-home", "police-fr"}


def test_only_police_can_be_chosen_from_the_list(case: Case, analyst_client: Any) -> None:
    data = {
        "order": "together",
        "category": "contact",
        "police": Recipient.objects.get(key="weibo").public_id,
    }
    assert post(analyst_client, case, data).status_code == 409
    assert not Dispatch.objects.exists()


def test_the_panel_says_who_must_act_next(
    case: Case, analyst: Any, reviewer: Any, analyst_client: Any
) -> None:
    plan = proposed(case, analyst)
    assert "Another person than ada must approve it." in panel(analyst_client, case)
    approve_all(plan, reviewer)
    assert "Waits for police" in panel(analyst_client, case)


def test_release_is_offered_to_those_who_may_and_works(
    case: Case, analyst: Any, reviewer: Any, analyst_client: Any, reviewer_client: Any
) -> None:
    plan = proposed(case, analyst)
    approve_all(plan, reviewer)
    assert "/release/" not in panel(analyst_client, case)
    assert "/release/" in panel(reviewer_client, case)
    url = f"/console/plans/{plan.public_id}/release/"
    assert analyst_client.post(url, {"why": "police_silent"}).status_code == 404
    reviewer_client.post(url, {"why": "not a reason"})
    plan.refresh_from_db()
    assert plan.released_at is None
    reviewer_client.post(url, {"why": "police_silent"})
    plan.refresh_from_db()
    assert plan.released_by == reviewer
    assert "police did not answer in time" in panel(reviewer_client, case)


def test_the_approvals_page_shows_the_exact_text_but_not_the_key_of_the_link(
    case: Case, analyst: Any, reviewer_client: Any
) -> None:
    row = to(proposed(case, analyst), "police-harbin")
    page = reviewer_client.get(f"/console/approvals/dispatch/{row.public_id}/").content.decode()
    assert "binghua[.]example[.]com" in page
    assert "https://binghua.example.com/" in unescape(page)  # exact, in the part for machines
    assert 'href="https://' not in page
    token = sealing.unseal_json(row.link_sealed)["token"]
    assert token not in page
    assert row.digest in page


def test_a_reviewer_approves_on_the_approvals_page(
    case: Case, analyst: Any, reviewer: Any, reviewer_client: Any
) -> None:
    row = to(proposed(case, analyst), "weibo")
    reviewer_client.post(f"/console/approvals/dispatch/{row.public_id}/approve/", {"digest": "0" * 64})
    row.refresh_from_db()
    assert row.state == "proposed"
    reviewer_client.post(f"/console/approvals/dispatch/{row.public_id}/approve/", {"digest": row.digest})
    row.refresh_from_db()
    assert (row.state, row.approved_by) == ("approved", reviewer)


def test_the_page_of_a_dispatch_shows_letter_items_and_times(
    case: Case, analyst: Any, analyst_client: Any
) -> None:
    row = to(proposed(case, analyst), "x")
    page = unescape(analyst_client.get(f"/console/dispatches/{row.public_id}/").content.decode())
    assert row.reference in page
    assert "binghua_studio" in page
    assert sealing.unseal_json(row.link_sealed)["token"] not in page
    assert NARRATIVE not in page
    assert analyst_client.get("/console/dispatches/000000000000/").status_code == 404


def test_a_stranger_sees_nothing(case: Case, analyst: Any, client: Any) -> None:
    row = to(proposed(case, analyst), "x")
    for url in (f"/console/cases/{case.number}/plan/", f"/console/dispatches/{row.public_id}/"):
        answer = client.get(url)
        assert answer.status_code == 302
        assert "sign-in" in answer["Location"] or "login" in answer["Location"]


def test_the_panel_asks_the_database_a_fixed_number_of_times(
    case: Case, analyst: Any, analyst_client: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        mention(case, ("account", "weibo", f"uid:66600{number:05d}", "strong"), "reported", analyst)
    proposed(case, analyst)
    for number in range(12):
        mention(case, ("account", "x", f"pottery_{number}", "handle"), "reported", analyst)
    with django_assert_max_num_queries(45):
        panel(analyst_client, case)
