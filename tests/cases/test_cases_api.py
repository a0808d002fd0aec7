"""The API of cases: what a key may, what it only proposes, what it never says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cases.cases_api_client import BASE, case_key, get, person, post
from django.test import Client, override_settings
from tips.api_client import key

from tocsin.audit.models import AuditRow
from tocsin.cases import notes
from tocsin.cases.models import Case, Change, MergeProposal
from tocsin.lib import sealing
from tocsin.tips import clients, flood
from tocsin.tips.models import ApiClient

pytestmark = pytest.mark.django_db
KILN, SQUARE = "weibo.com/u/6660012345", "weibo.com/u/6660054321"


@pytest.fixture
def two(tip: Callable[..., Any], work: Callable[[], int]) -> tuple[Case, Case]:
    """Two cases: three tips about a kiln, one of them from danger now; two tips about a square."""
    for text in (f"first {KILN}", f"second {KILN}", f"third {KILN} 哈尔滨"):
        tip(text)
    for text in (f"a landscape {SQUARE}", f"another landscape {SQUARE}"):
        tip(text)
    work()
    kiln, square = Case.objects.order_by("pk")
    assert (kiln.case_tips.count(), square.case_tips.count()) == (3, 2)
    return kiln, square


def is_problem(answer: Any, code: int) -> dict[str, Any]:
    assert answer.status_code == code, answer.content
    assert answer["Content-Type"] == "application/problem+json" and not answer.cookies
    body: dict[str, Any] = json.loads(answer.content)
    assert body["status"] == code and body["detail"]
    return body


def test_the_queue_comes_in_pages_with_every_reason_in_words(two: tuple[Case, Case]) -> None:
    answer = get("", case_key("cases:read"), size=1)
    body = answer.json()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store" and not answer.cookies
    assert (body["schema"], body["version"]) == ("tocsin.cases", 1)
    assert (body["total"], body["pages"], len(body["cases"])) == (2, 2, 1)
    assert body["cases"][0]["number"] == two[1].number, "the newest tip first"
    second = get("", case_key("cases:read"), size=1, page=2).json()["cases"]
    assert second[0]["number"] == two[0].number and second[0]["tips"] == 3
    assert get("", case_key("cases:read"), page=99).json()["cases"] == []


def test_an_identifier_finds_its_case(two: tuple[Case, Case]) -> None:
    found = get("", case_key("cases:read"), q=KILN).json()["cases"]
    assert [one["number"] for one in found] == [two[0].number]


def test_a_case_says_what_is_in_it_and_nothing_sealed(two: tuple[Case, Case], analyst: Any) -> None:
    notes.add(two[0], analyst, "a pot of zebrafinch colour")
    whole = get(f"/{two[0].number}", case_key("cases:read"))
    case = whole.json()["case"]
    assert case["identifiers"][0]["canonical"] == "uid:6660012345" and case["identifiers"][0]["tips"] == 3
    tips = get(f"/{two[0].number}/tips", case_key("cases:read")).json()
    assert tips["total"] == 3 and tips["tips"][0]["why"] == "opened the case"
    assert tips["tips"][1]["because"] == [case["identifiers"][0]["id"]]
    timeline = get(f"/{two[0].number}/timeline", case_key("cases:read"))
    assert "A note was written" in [one["sentence"] for one in timeline.json()["events"]]
    for text in (whole.content, timeline.content, json.dumps(tips).encode()):
        assert b"zebrafinch" not in text and b"second" not in text


def test_a_merge_by_a_key_is_its_persons_and_an_old_number_leads_on(two: tuple[Case, Case]) -> None:
    kiln, square = two
    done = post(f"/{kiln.number}/merge", case_key(), {"other": square.number, "reason": "the same wheel"})
    body = done.json()
    assert done.status_code == 200 and not body["proposed"]
    (change,) = body["changes"]
    assert (change["kind"], change["case"], change["other"]) == ("merge", kiln.number, square.number)
    old = get(f"/{square.number}", case_key("cases:read")).json()["case"]
    assert old["number"] == kiln.number and old["old_numbers"] == [square.number] and old["tips"] == 5
    rows = AuditRow.objects.filter(action__in=["case.merge", "case.merge_asked"]).order_by("pk")
    client = ApiClient.objects.order_by("pk").first()
    assert client is not None
    assert [row.actor for row in rows] == [person().actor, f"client:{client.public_id}"]
    undone = post(f"/{kiln.number}/changes/{change['id']}/undo", case_key())
    assert undone.status_code == 200
    assert get(f"/{square.number}", case_key("cases:read")).json()["case"]["number"] == square.number
    is_problem(post(f"/{kiln.number}/changes/{change['id']}/undo", case_key()), 409)


def test_where_people_worked_on_both_a_key_only_proposes(two: tuple[Case, Case], analyst: Any) -> None:
    for case in two:
        notes.add(case, analyst, "seen")
    secret = case_key()
    done = post(f"/{two[0].number}/merge", secret, {"other": two[1].number, "reason": "the same wheel"})
    assert done.status_code == 202 and done.json()["proposed"] and done.json()["changes"] == []
    row = MergeProposal.objects.get()
    assert row.state == "proposed" and row.proposed_by == analyst
    assert get(f"/{two[0].number}", secret).json()["case"]["proposals"][0]["id"] == row.public_id
    is_problem(post(f"/{two[0].number}/merge", secret, {"other": two[1].number, "reason": "again"}), 409)


def test_split_move_detach_and_cut_are_changes_too(two: tuple[Case, Case]) -> None:
    kiln, square = two
    secret = case_key()
    ids = [one["id"] for one in get(f"/{kiln.number}/tips", secret).json()["tips"]]
    split = post(f"/{kiln.number}/split", secret, {"tips": ids[1:2], "reason": "another kiln"}).json()
    assert split["changes"][0]["other"] not in (kiln.number, square.number)
    moved = post(f"/{kiln.number}/move", secret, {"tip": ids[2], "to": square.number, "reason": "a square"})
    assert moved.status_code == 200
    name = get(f"/{kiln.number}", secret).json()["case"]["identifiers"][0]["id"]
    detached = post(f"/{kiln.number}/detach", secret, {"identifier": name, "reason": "everybody's"})
    assert detached.status_code == 200
    assert post(f"/{kiln.number}/cut", secret, {"reason": "look again"}).json()["changes"] == []
    kinds = [one["kind"] for one in get(f"/{kiln.number}/changes", secret).json()["changes"]]
    assert kinds == ["detach", "move", "split"]
    first = get(f"/{kiln.number}/changes", secret).json()["changes"][2]
    assert first["may_undo"] and first["sentence"]


@pytest.mark.parametrize(
    ("act", "body"),
    [("merge", {"other": "SELF", "reason": "x"}), ("split", {"tips": ["0" * 12], "reason": "x"}),
     ("split", {"tips": "ALL", "reason": "x"}), ("detach", {"identifier": "0" * 12, "reason": "x"}),
     ("move", {"tip": "0" * 12, "to": "SELF", "reason": "x"}), ("cut", {"reason": "  "})],
)  # fmt: skip
def test_what_makes_no_sense_is_a_sentence_and_changes_nothing(
    two: tuple[Case, Case], act: str, body: dict[str, Any]
) -> None:
    kiln = two[0]
    every = list(kiln.case_tips.values_list("tip__public_id", flat=True))
    filled = {
        name: {"SELF": kiln.number, "ALL": every}.get(str(value), value) for name, value in body.items()
    }
    before = AuditRow.objects.count()
    secret = case_key()
    is_problem(post(f"/{kiln.number}/{act}", secret, filled), 409)
    assert kiln.case_tips.count() == 3 and AuditRow.objects.count() == before + 1, "only the key is new"


def test_a_change_is_undone_by_way_of_its_own_case_only(two: tuple[Case, Case]) -> None:
    ids = list(two[0].case_tips.order_by("tip_id").values_list("tip__public_id", flat=True))
    made = post(f"/{two[0].number}/split", case_key(), {"tips": ids[:1], "reason": "apart"}).json()[
        "changes"
    ][0]
    is_problem(post(f"/{two[1].number}/changes/{made['id']}/undo", case_key()), 409)
    assert Change.objects.get(public_id=made["id"]).undone_at is None
    assert post(f"/{two[0].number}/changes/{made['id']}/undo", case_key()).status_code == 200
    assert Change.objects.get(public_id=made["id"]).undone_at is not None


def test_scopes_keys_and_persons_that_are_gone_are_told_apart(two: tuple[Case, Case]) -> None:
    number = two[0].number
    is_problem(get(""), 401)
    is_problem(get("", key()), 403)
    is_problem(post(f"/{number}/cut", case_key("cases:read"), {"reason": "x"}), 403)
    is_problem(get(f"/{number}", case_key("cases:write")), 403)
    ada, secret = person(), case_key()
    assert get("", secret).status_code == 200
    ada.is_active = False
    ada.save()
    is_problem(get("", secret), 403)


def test_what_is_not_there_and_what_has_no_form_are_problems(two: tuple[Case, Case]) -> None:
    secret = case_key()
    is_problem(get("/2019-000001", secret), 404)
    is_problem(get("/nothing/here", secret), 404)
    is_problem(get("/12", secret), 422)
    body = is_problem(get("", secret, lane="soon", size="many"), 422)
    assert {one["pointer"] for one in body["errors"]} == {"query:lane", "query:size"}
    is_problem(get("", secret, lanes="immediate"), 422)
    is_problem(post("", secret, {}), 405)
    is_problem(post(f"/{two[0].number}/merge", secret, {"other": two[1].number, "why": "x"}), 422)


def test_a_key_asks_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(flood.LIMITS, "api.client", flood.Limit(2, 60))
    secret, other = case_key(), case_key()
    assert [get("", secret).status_code for _ in range(2)] == [200, 200]
    refused = get("", secret)
    assert is_problem(refused, 429) and int(refused["Retry-After"]) >= 1
    assert get("", other).status_code == 200


def test_a_key_for_cases_needs_a_person_who_may(analyst: Any) -> None:
    from tocsin.accounts.foureyes import NotAllowed

    admin = person("amal", "administrator")
    for acts_as in ("", "nobody", "amal"):
        with pytest.raises(NotAllowed):
            clients.create(admin, "desk", ["cases:read"], acts_as=acts_as)
    with pytest.raises(NotAllowed):
        clients.create(admin, "desk", ["tips:write"], acts_as=analyst.username)
    assert ApiClient.objects.count() == 0


@override_settings(ROOT_URLCONF="tocsin.server.urls_door")
def test_the_door_has_no_cases() -> None:
    assert Client().get(f"{BASE}", headers={"Authorization": f"Bearer {case_key()}"}).status_code == 404
    assert "cases" not in Client().get("/api/v1/docs").content.decode()


@override_settings(ROOT_URLCONF="tocsin.server.urls_console", TOCSIN_ROLE="console")
def test_the_console_alone_has_the_api_and_its_description() -> None:
    assert get("", case_key("cases:read")).status_code == 200
    assert Client().get(f"{BASE}/docs").status_code == 200
    assert Client().get("/api/v1/tips").status_code == 404


def test_the_description_names_every_route_and_its_page_needs_no_script() -> None:
    found = Client().get(f"{BASE}/openapi.json").json()
    assert len(found["paths"]) == 11
    page = Client().get(f"{BASE}/docs")
    text = page.content.decode()
    assert page.status_code == 200 and not page.cookies and "<script" not in text
    for path, methods in found["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in text


def test_the_reason_is_kept_sealed(two: tuple[Case, Case]) -> None:
    from tocsin.cases.models import Change

    post(f"/{two[0].number}/merge", case_key(), {"other": two[1].number, "reason": "zebrafinch"})
    row = Change.objects.get(kind="merge")
    assert row.reason_sealed is not None and b"zebrafinch" not in bytes(row.reason_sealed)
    assert sealing.unseal(row.reason_sealed) == "zebrafinch"
