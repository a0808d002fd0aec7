"""The API: what it takes, how it answers, what it never says."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tips.api_client import BASE, KILN, administrator, key, send, status

from tocsin.audit.models import AuditRow
from tocsin.lib import sealing
from tocsin.tips import campaigns, clients, flood
from tocsin.tips.api import describe
from tocsin.tips.models import ApiClient, ReporterCopy, Tip

pytestmark = pytest.mark.django_db
SECRET_WORD = "zebrafinch"


def is_problem(answer: Any, code: int) -> dict[str, Any]:
    assert answer.status_code == code, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert (body["status"], body["type"]) == (code, "about:blank") and body["title"] and body["detail"]
    assert SECRET_WORD not in answer.content.decode()
    assert not answer.cookies
    return body


def test_a_tip_is_sealed_and_answered_with_its_receipt() -> None:
    full = {
        "text": "The shop kiln.example sells albums.", "contact": "potter@example.org", "where": "shop", "what": "offer",
        "danger": "unsure", "about": "no", "place": "cn", "city": "Harbin", "sender": "potter 7", "language": "en",
        "occurred_at": "2026-03-01T12:00:00+08:00",
    }  # fmt: skip
    answer = send("/tips", full, key())
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store" and not answer.cookies
    body = answer.json()
    tip = Tip.objects.get(public_id=body["id"])
    assert sealing.unseal(tip.narrative_sealed) == full["text"]
    assert (tip.source, tip.place, tip.danger, tip.where) == ("api", "CN", "unsure", "shop")
    assert tip.occurred_at is not None and tip.occurred_at.isoformat() == "2026-03-01T04:00:00+00:00"
    assert sealing.unseal(tip.sender_sealed) == "potter 7"
    assert tip.client == ApiClient.objects.get() and tip.network is None
    assert ReporterCopy.objects.filter(tag=tip.mailbox_tag).count() == 1


def test_a_batch_keeps_its_order_and_is_stored_as_a_whole() -> None:
    secret = key()
    tips = [{"text": f"album {number}"} for number in range(30)]
    answer = send("/tips/batch", {"tips": tips}, secret)
    assert answer.status_code == 201
    texts = [
        sealing.unseal(Tip.objects.get(public_id=one["id"]).narrative_sealed) for one in answer.json()["tips"]
    ]
    assert texts == [tip["text"] for tip in tips]
    body = is_problem(send("/tips/batch", {"tips": [KILN, {"text": "\u200b \n"}]}, secret), 422)
    assert [error["pointer"] for error in body["errors"]] == ["#/tips/1/text"]
    assert Tip.objects.count() == 30


def test_a_repeat_under_the_same_key_stores_nothing_and_gives_the_same_receipt() -> None:
    secret = key()
    first, again = (send("/tips", KILN, secret, once="letter-7") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["receipt"] == again.json()["receipt"] and not again.json()["new"]
    is_problem(send("/tips", {"text": SECRET_WORD}, secret, once="letter-7"), 409)
    as_batch = send("/tips/batch", {"tips": [KILN]}, secret, once="letter-7")
    assert as_batch.status_code == 200, "one is a batch of one"
    assert Tip.objects.count() == 1


def test_the_same_idempotency_key_of_two_clients_means_two_things() -> None:
    receipts = {send("/tips", KILN, key(), once="1").json()["receipt"] for _ in range(2)}
    assert len(receipts) == 2 == Tip.objects.count()


def test_a_batch_is_repeated_as_a_whole_or_refused() -> None:
    secret, tips = key(), [{"text": f"album {number}"} for number in range(3)]
    first = send("/tips/batch", {"tips": tips}, secret, once="b")
    again = send("/tips/batch", {"tips": tips}, secret, once="b")
    assert (first.status_code, again.status_code) == (201, 200)
    assert [one["receipt"] for one in first.json()["tips"]] == [
        one["receipt"] for one in again.json()["tips"]
    ]
    is_problem(send("/tips/batch", {"tips": [*tips, KILN]}, secret, once="b"), 409)
    body = is_problem(send("/tips/batch", {"tips": [tips[0], KILN, tips[2]]}, secret, once="b"), 409)
    assert [error["pointer"] for error in body["errors"]] == ["#/tips/1"]
    assert Tip.objects.count() == 3


def test_without_an_idempotency_key_every_call_is_a_tip() -> None:
    secret = key()
    assert send("/tips", KILN, secret).json()["receipt"] != send("/tips", KILN, secret).json()["receipt"]


@pytest.mark.django_db(transaction=True)
def test_eight_repeats_at_once_give_one_tip() -> None:
    secret, answers = key(), list[Any]()
    ready = threading.Barrier(8)

    def one() -> None:
        try:
            ready.wait()
            answers.append(send("/tips", KILN, secret, once="storm"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    assert Tip.objects.count() == 1


def test_the_state_is_read_with_the_receipt_in_a_header() -> None:
    secret = key()
    receipt = send("/tips", KILN, secret).json()["receipt"]
    (one,) = status(receipt, secret).json()["tips"]
    assert (one["stage"], one["outcome"]) == ("received", "") and one["received_at"].endswith("Z")
    grouped = "-".join(receipt[start : start + 5] for start in range(0, 20, 5)).lower()
    assert status(grouped, secret).status_code == 200
    unknown, wrong = status("0" * 20, secret), status("1" * 20, secret)
    assert is_problem(unknown, 404) == is_problem(wrong, 404)
    is_problem(status("short", secret), 422)


@pytest.mark.parametrize("sent", ["", "tocsin_" + "a" * 43, "tocsin_é", "x" * 5000, "tocsin_" + "a" * 9000])
def test_a_key_that_is_unknown_is_asked_for(sent: str) -> None:
    key()
    answer = send("/tips", KILN, sent)
    is_problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_ends_at_once_and_a_scope_is_needed() -> None:
    reading, writing = key("tips:read"), key("tips:write")
    is_problem(send("/tips", KILN, reading), 403)
    is_problem(send("/tips/batch", {"tips": [KILN]}, reading), 403)
    is_problem(status("0" * 20, writing), 403)
    clients.revoke(administrator(), ApiClient.objects.latest("pk").public_id)
    is_problem(send("/tips", KILN, writing), 401)
    assert Tip.objects.count() == 0


def test_nothing_is_written_but_the_tip_so_that_the_doors_role_suffices() -> None:
    secret = key()
    before = ApiClient.objects.values().get()
    send("/tips", KILN, secret)
    assert ApiClient.objects.values().get() == before
    assert secret not in json.dumps(before, default=str)
    assert AuditRow.objects.latest("pk").actor == "door"


def test_a_key_of_a_campaign_gives_its_tips_to_it() -> None:
    campaigns.create(administrator(), "kiln-week", "Kiln week")
    campaigns.create(administrator(), "clay-week", "Clay week")
    named = [
        ({"campaign": "clay-week"}, key(campaign="kiln-week"), "kiln-week"),
        ({"campaign": "clay-week"}, key(), "clay-week"),
        ({"campaign": "nobody knows"}, key(), None),
    ]
    for extra, secret, wanted in named:
        tip = Tip.objects.get(public_id=send("/tips", KILN | extra, secret).json()["id"])
        assert (tip.campaign.name if tip.campaign else None) == wanted


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"text": "zebrafinch",\n "danger": yes}', "line 2, column 12: expecting value"),
        (b'{"text": "zebrafinch"', "line 1, column 22: expecting ',' delimiter"),
        (b"zebrafinch", "line 1, column 1: expecting value"),
        (b'{"text":\n "\xff"}', "line 2, column 3: this is not UTF-8"),
        (b'{"text": "a", "x": NaN}', "NaN and Infinity"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": ' + b"9" * 5000 + b"}", "too long"),
        (b'{"text": "a\nb"}', "line 1, column 12: invalid control character"),
        (b"\xef\xbb\xbf{", "line 1, column 2: expecting property name"),
    ],
)
def test_broken_json_is_refused_with_line_column_and_reason(raw: bytes, said: str) -> None:
    assert said in is_problem(send("/tips", None, key(), raw=raw), 400)["detail"]


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"text": ""}, "#/text", "empty"),
        ({"text": 7}, "#/text", "text is wanted"),
        ({"text": "\u3000"}, "#/text", "seen"),
        ({"text": "哈" * 30_000}, "#/text", "bytes"),
        ({"text": "a" * 65_537}, "#/text", "65,536"),
        ({"text": "half \ud83d"}, "#/text", "surrogate"),
        ({"zebrafinch": 1}, "#", "not known"),
        ({"danger": "zebrafinch"}, "#/danger", "yes, unsure, no"),
        ({"where": "zebrafinch"}, "#/where", "messenger"),
        ({"place": "China"}, "#/place", "form"),
        ({"occurred_at": "zebrafinch"}, "#/occurred_at", "RFC 3339"),
        ({"occurred_at": "2026-03-01T12:00:00"}, "#/occurred_at", "offset"),
        ({"occurred_at": "2026-02-30T12:00:00Z"}, "#/occurred_at", "no such date"),
        ({"occurred_at": 1_700_000_000}, "#/occurred_at", "RFC 3339"),
        ({"contact": "a" * 1001}, "#/contact", "1,000"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_and_never_repeated(
    change: dict[str, Any], pointer: str, said: str
) -> None:
    body = is_problem(send("/tips", KILN | change, key()), 422)
    assert [error["pointer"] for error in body["errors"]] == [pointer]
    assert said in body["errors"][0]["detail"]
    assert Tip.objects.count() == 0


@pytest.mark.parametrize(
    "body", [None, [], "zebrafinch", 7, {"tips": []}, {"tips": {}}, {"tips": [7]}, {"tips": [KILN] * 501}]
)
def test_a_batch_of_another_shape_is_refused(body: Any) -> None:
    is_problem(send("/tips/batch", body, key()), 422)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
        ("2999-01-01T00:00:00Z", "2999-01-01T00:00:00+00:00"),
        ("0001-01-01T00:00:00+10:00", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59-10:00", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_doubtful_times_are_kept_and_marked(said: str, kept: str) -> None:
    tip = Tip.objects.get(public_id=send("/tips", KILN | {"occurred_at": said}, key()).json()["id"])
    assert tip.occurred_at is not None and tip.occurred_at.isoformat() == kept
    assert tip.time_doubtful


def test_a_leap_second_and_a_fraction_are_times() -> None:
    secret = key()
    for said in ("2016-12-31T23:59:60Z", "2016-12-31t23:59:59.123456789z"):
        assert send("/tips", KILN | {"occurred_at": said}, secret).status_code == 201


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "image/png",
    ],
)
def test_anything_but_json_is_refused(kind: str) -> None:
    is_problem(send("/tips", None, key(), raw=b"zebrafinch=1", content_type=kind), 415)


def test_a_picture_written_as_text_is_cut_out_and_counted() -> None:
    picture = "data:image/png;base64,iVBORw0KGgo" + "A" * 200
    tip = Tip.objects.get(public_id=send("/tips", {"text": f"see {picture}"}, key()).json()["id"])
    assert tip.pictures_cut == 1 and "iVBOR" not in sealing.unseal(tip.narrative_sealed)


def test_a_body_that_is_too_large_is_refused_whole() -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        assert "1,000 bytes" in is_problem(send("/tips", {"text": SECRET_WORD * 200}, key()), 413)["detail"]


def test_a_path_or_method_that_is_not_there_is_a_problem_too() -> None:
    client = Client()
    for path in (
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/tips/",
        "/api/v1/zebrafinch",
        "/api/v2/tips",
    ):
        if path != "/api":
            is_problem(client.get(path), 404)
            is_problem(client.post(path, b"x", content_type="multipart/form-data; boundary=x"), 404)
    for path in ("/tips", "/tips/batch"):
        for method in ("get", "put", "patch", "delete", "options", "head", "trace"):
            answer = getattr(client, method)(f"{BASE}{path}")
            assert answer.status_code == 405 and answer["Allow"] == "POST", (method, path)
    is_problem(client.post(f"{BASE}/openapi.json"), 405)


def test_a_key_that_sends_too_much_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(flood.LIMITS, "api.client", flood.Limit(2, 60))
    secret, other = key(), key()
    assert [send("/tips", KILN, secret).status_code for _ in range(2)] == [201, 201]
    answer = send("/tips", KILN, secret)
    is_problem(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert send("/tips", KILN, other).status_code == 201, "another key does not wait"
    assert Tip.objects.count() == 3


def test_no_other_site_may_read_an_answer_and_no_session_counts(analyst_client: Client) -> None:
    answer = analyst_client.post(f"{BASE}/tips", json.dumps(KILN), content_type="application/json")
    is_problem(answer, 401)
    answer = Client().options(
        f"{BASE}/tips", headers={"Origin": "https://kiln.example", "Access-Control-Request-Method": "POST"}
    )
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_tip_that_came_by_the_api_is_opened_like_any_other(work: Any) -> None:
    public_id = send("/tips", KILN | {"danger": "yes"}, key()).json()["id"]
    work()
    tip = Tip.objects.get(public_id=public_id)
    assert tip.state != "received" or tip.mentions.exists()


def test_the_description_names_every_route_and_its_page_needs_no_script() -> None:
    answer = Client().get(f"{BASE}/openapi.json")
    assert answer.status_code == 200 and not answer.cookies
    found = answer.json()
    assert set(found["paths"]) == {f"{BASE}/tips", f"{BASE}/tips/batch", f"{BASE}/tips/status"}
    page = Client().get(f"{BASE}/docs")
    text = page.content.decode()
    assert page.status_code == 200 and not page.cookies and "<script" not in text
    for one in describe.page()["operations"]:
        assert f"{one['method']} {one['path']}" in text
    for field in found["components"]["schemas"]["TipIn"]["properties"]:
        assert f"<code>{field}</code>" in text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "tips", "danger", "occurred_at", "x"]) | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("path", ["/tips", "/tips/batch"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_breaks_it(path: str, data: st.DataObject) -> None:
    flood.buckets.cache_clear()
    secret = key()
    raw = data.draw(
        st.binary(min_size=1, max_size=200) | json_values.map(lambda value: json.dumps(value).encode())
    )
    answer = send(path, None, secret, raw=raw, once=data.draw(st.sampled_from(["", "k", "k2"])))
    assert answer.status_code in (200, 201, 400, 409, 422), answer.content


def test_the_beginning_of_a_batch_is_another_batch() -> None:
    mine = key()
    tips = [{"text": f"kiln {n}"} for n in range(3)]
    assert send("/tips/batch", {"tips": tips}, mine, once="k1").status_code == 201
    assert send("/tips/batch", {"tips": tips}, mine, once="k1").status_code == 200
    for other in (tips[:2], tips[:1], [*tips, {"text": "kiln 3"}]):
        is_problem(send("/tips/batch", {"tips": other}, mine, once="k1"), 409)
    assert Tip.objects.count() == 3


def test_another_time_is_another_tip() -> None:
    mine, tip = key(), {"text": "kiln", "occurred_at": "2026-03-01T12:00:00Z"}
    assert send("/tips", tip, mine, once="k1").status_code == 201
    assert send("/tips", tip, mine, once="k1").status_code == 200
    is_problem(send("/tips", tip | {"occurred_at": "2026-03-02T12:00:00Z"}, mine, once="k1"), 409)
    is_problem(send("/tips", {"text": "kiln"}, mine, once="k1"), 409)
    assert Tip.objects.count() == 1
