"""The throttle contract, line by line, on and off Tor, with a clock that stands still; and the hurdle itself."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.lib import signing, throttle
from tocsin.server.checks import the_proxy_is_named
from tocsin.tips import flood, hurdle
from tocsin.tips.models import SharedBody, Tip

pytestmark = pytest.mark.django_db
ONION = "kiln.onion"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Clock]:
    """Every bucket and line on one clock, empty at the beginning."""
    settings.TRUSTED_PROXIES, settings.ONION_HOST, settings.ALLOWED_HOSTS = ["127.0.0.1"], ONION, ["*"]
    still = Clock()
    made: dict[str, throttle.Buckets] = {}
    everybody: dict[int, throttle.Buckets] = {}
    monkeypatch.setattr(
        flood, "buckets", lambda name: made.setdefault(name, throttle.Buckets(flood.LIMITS[name], still))
    )
    monkeypatch.setattr(
        flood,
        "_everybody",
        lambda most: everybody.setdefault(most, throttle.Buckets(throttle.Limit(most, 60), still)),
    )
    line = hurdle.Line(flood.LINE_RATE, still)
    monkeypatch.setattr(flood, "line", lambda: line)
    monkeypatch.setattr("time.time", still)
    yield still


def send(
    client: Client, text: str, address: str = "192.0.2.7", host: str = "localhost", **fields: str
) -> Any:
    token = fields.pop("token", "") or signing.form_token()
    return client.post(
        "/", {"text": text, "token": token, **fields}, headers={"host": host, "x-forwarded-for": address}
    )


def is_receipt(answer: Any) -> bool:
    return b'class="receipt"' in answer.content


def solve(task: dict[str, Any]) -> str:
    number = next(
        n
        for n in range(task["maxnumber"] + 1)
        if hashlib.sha256(f"{task['salt']}{n}".encode()).hexdigest() == task["challenge"]
    )
    kept = {key: task[key] for key in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps(kept | {"number": number}).encode()).decode()


@pytest.mark.parametrize("name", sorted(flood.LIMITS))
def test_each_line_of_the_contract_is_tripped_and_recovers(clock: Clock, name: str) -> None:
    limit, buckets = flood.LIMITS[name], flood.buckets(name)
    assert all(buckets.take("near") == 0 for _ in range(limit.most))
    assert buckets.take("near") > 0
    assert buckets.take("far") == 0
    clock.now += limit.seconds
    assert buckets.take("near") == 0


def test_normally_there_is_no_hurdle(client: Client, clock: Clock) -> None:
    most = flood.LIMITS["tips.network"].most
    assert all(is_receipt(send(client, f"kiln {n}")) for n in range(most))


def test_a_network_that_writes_much_meets_a_hurdle_and_no_other_does(client: Client, clock: Clock) -> None:
    most = flood.LIMITS["tips.network"].most
    for n in range(most):
        send(client, f"kiln {n}")
    answer = send(client, "one more kiln")
    assert answer.status_code == 200
    assert not is_receipt(answer)
    assert b"one more kiln" in answer.content  # nothing typed is lost
    assert is_receipt(send(client, "from elsewhere", "198.51.100.9"))
    clock.now += flood.LIMITS["tips.network"].seconds
    assert is_receipt(send(client, "one more kiln"))
    assert Tip.objects.count() == most + 2


def test_over_tor_no_address_is_counted(client: Client, clock: Clock) -> None:
    most = flood.LIMITS["tips.network"].most
    assert all(is_receipt(send(client, f"kiln {n}", host=ONION)) for n in range(most * 3))
    assert set(Tip.objects.values_list("network", flat=True)) == {None}


def test_in_a_storm_tor_meets_the_hurdle_as_everybody_does(
    client: Client, clock: Clock, settings: Any
) -> None:
    settings.STORM_TIPS_PER_MINUTE = 5
    for n in range(5):
        assert is_receipt(send(client, f"kiln {n}", f"10.0.{n}.1"))
    assert not is_receipt(send(client, "kiln 6", host=ONION))
    assert not is_receipt(send(client, "kiln 7", "10.0.77.1"))
    clock.now += 60
    assert is_receipt(send(client, "kiln 8", host=ONION))


def test_a_solved_proof_brings_the_tip_in_and_serves_no_other_form(
    client: Client, clock: Clock, settings: Any
) -> None:
    settings.STORM_TIPS_PER_MINUTE = 1
    send(client, "kiln 0")
    token = signing.form_token()
    answer = send(client, "kiln 1", token=token)
    proof = solve(json.loads(answer.context["challenge_json"]))
    assert is_receipt(send(client, "kiln 1", token=token, altcha=proof))
    assert not is_receipt(send(client, "kiln 2", altcha=proof))
    assert is_receipt(send(client, "kiln 1", token=token))  # the receipt again, without another hurdle
    assert Tip.objects.count() == 2


def test_whoever_has_no_script_waits_for_a_number(client: Client, clock: Clock, settings: Any) -> None:
    settings.STORM_TIPS_PER_MINUTE = 1
    send(client, "kiln 0")
    token = signing.form_token()
    answer = send(client, "kiln 1", token=token)
    ticket, seconds = answer.context["ticket"], answer.context["seconds"]
    assert answer.context["number"] == 1
    assert seconds >= 5
    early = send(client, "kiln 1", token=token, ticket=ticket)
    assert not is_receipt(early)
    assert early.context["ticket"] == ticket  # the place is kept
    clock.now += seconds
    assert not is_receipt(send(client, "kiln 2", ticket=ticket))  # another form's place
    assert is_receipt(send(client, "kiln 1", token=token, ticket=ticket))


def test_what_would_be_refused_is_said_before_the_wait(client: Client, clock: Clock, settings: Any) -> None:
    settings.STORM_TIPS_PER_MINUTE = 1
    send(client, "kiln 0")
    assert send(client, "   ").status_code == 400
    assert send(client, "x" * 70_000).status_code == 413


def test_equal_texts_of_a_storm_share_a_body_and_each_is_a_tip(
    client: Client, clock: Clock, settings: Any
) -> None:
    settings.STORM_TIPS_PER_MINUTE = 2
    texts = ["kiln", "kiln", "kiln", "Kiln ", "clay"]
    for n, text in enumerate(texts):
        token = signing.form_token()
        answer = send(client, text, f"10.0.{n}.1", token=token)
        if not is_receipt(answer):
            proof = solve(json.loads(answer.context["challenge_json"]))
            assert is_receipt(send(client, text, f"10.0.{n}.1", token=token, altcha=proof))
    assert Tip.objects.count() == 5
    assert SharedBody.objects.count() == 2  # of the three that came in the storm: "kiln" and "clay"
    assert Tip.objects.filter(body__isnull=True).count() == 2
    assert len(set(Tip.objects.values_list("mailbox_tag", flat=True))) == 5
    assert Tip.objects.values("text_tag").distinct().count() == 2


def test_tips_of_a_storm_are_read_as_any_other(
    client: Client, clock: Clock, settings: Any, work: Any
) -> None:
    settings.STORM_TIPS_PER_MINUTE = 1
    send(client, "the first one")
    for n in range(3):
        token = signing.form_token()
        proof = solve(hurdle.challenge(token))
        assert is_receipt(send(client, "see t.me/kiln_room now", f"10.0.{n}.1", token=token, altcha=proof))
    work()
    assert [tip.mentions.count() for tip in Tip.objects.order_by("pk")] == [0, 1, 1, 1]


@pytest.mark.parametrize(
    "payload",
    [
        "", "!", "e30=", base64.b64encode(b"[]").decode(), base64.b64encode(b'"x"').decode(), "\ud800",
        base64.b64encode(b'{"salt":"a?expires=99999999999","challenge":"b","number":1e400,"algorithm":"SHA-256"}').decode(),
        base64.b64encode(b"[" * 900).decode(), "A" * 5000,
    ],
)  # fmt: skip
def test_a_made_up_proof_is_none(payload: str) -> None:
    assert not hurdle.solved(payload, "token")


def test_a_proof_is_signed_and_dated() -> None:
    task = hurdle.challenge("token", now=1000.0)
    proof = solve(task)
    assert hurdle.solved(proof, "token", now=1000.0)
    assert not hurdle.solved(proof, "other", now=1000.0)
    assert not hurdle.solved(proof, "token", now=1001.0 + hurdle.LIVES)
    said = json.loads(base64.b64decode(proof))
    for name, value in (
        ("salt", said["salt"].replace("?", "0?")),
        ("number", said["number"] + 1),
        ("signature", "0"),
    ):
        forged = base64.b64encode(json.dumps(said | {name: value}).encode()).decode()
        assert not hurdle.solved(forged, "token", now=1000.0)


@pytest.mark.parametrize(
    "ticket", ["", "1", "1.2", "1.2.3", "x.y.z", "1.99999999999999.a", "\u0661.\u0662.a"]
)
def test_a_made_up_ticket_is_none(ticket: str) -> None:
    assert hurdle.place(ticket, "token") is None


def test_places_in_the_line_follow_each_other() -> None:
    clock = Clock()
    line = hurdle.Line(2.0, clock)
    places = [line.join(least=0) for _ in range(6)]
    assert [place.number for place in places] == [1, 2, 3, 4, 5, 6]
    assert places[5].ready - places[0].ready >= 2
    clock.now += 60
    assert line.join().number == 1  # the line was empty


def test_the_network_of_a_tip_is_a_number_and_never_an_address(client: Client, clock: Clock) -> None:
    send(client, "kiln 1", "192.0.2.7")
    send(client, "kiln 2", "192.0.2.99")
    send(client, "kiln 3", "198.51.100.1")
    first, second, third = Tip.objects.order_by("pk").values_list("network", flat=True)
    assert first == second != third


def test_the_number_of_the_network_is_erased_after_a_day(client: Client, clock: Clock, work: Any) -> None:
    send(client, "kiln 1")
    send(client, "kiln 2")
    old = Tip.objects.order_by("pk").first()
    assert old is not None
    Tip.objects.filter(pk=old.pk).update(recorded_at=timezone.now() - timedelta(hours=25))
    work()
    assert [network is None for network in Tip.objects.order_by("pk").values_list("network", flat=True)] == [
        True,
        False,
    ]


def test_tor_browser_is_told_of_the_onion_service_on_public_pages_only(client: Client, settings: Any) -> None:
    assert "Onion-Location" not in client.get("/").headers
    settings.ONION_HOST = ONION
    assert client.get("/privacy").headers["Onion-Location"] == f"http://{ONION}/privacy"
    assert "Onion-Location" not in client.get("/console/login/").headers


def test_a_proxy_that_is_not_named_is_warned_of(settings: Any) -> None:
    settings.BEHIND_TLS, settings.TRUSTED_PROXIES = True, []
    assert [warning.id for warning in the_proxy_is_named()] == ["tocsin.W004"]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert the_proxy_is_named() == []
