"""Every page of the door, with everything that it reads and writes, works under the database role `door`.

A page that needs a new grant fails here: each route that takes a parameter or a POST must be walked with real rows.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from stack import Stack, running
from test_nothing_readable import fill
from test_split import Door, receipt_in

pytestmark = pytest.mark.journey

URLS = "tocsin.server.urls_door"
PREPARE = """
from tocsin.accounts.models import User
from tocsin.dispatch.models import Dispatch
from tocsin.lib import sealing
from tocsin.statistics.publish import publish
from tocsin.tips import campaigns, switches
ada = User.objects.get(username="ada")
campaign = campaigns.create(ada, "kiln-week", "Kiln week")
passed = campaigns.pass_on(ada, campaign, "a potter wrote this", each=False)
switches.flip(ada, switches.FINGERPRINT, True, "for a test")
publish("cli:test")
links = [sealing.unseal_json(d.link_sealed)["path"] for d in Dispatch.objects.filter(kind="notice", state__in=["sent", "acknowledged", "acted"])]
from django.utils import timezone
from tocsin.tips import clients
from tocsin.tips.models import ApiClient
ApiClient.objects.create(name="a machine", key_digest=clients.digest("tocsin_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"), scopes=list(clients.SCOPES),
    campaign_id=campaign.pk, created_by=ada, created_at=timezone.now())
print(json.dumps({"hand_over": passed[0].link, "reply": links[0]}))
"""
ASK = """
from tocsin.accounts.models import User
from tocsin.tips import messages
from tocsin.tips.models import Tip
ada = User.objects.get(username="ada")
tip = Tip.objects.get(public_id=%r)
messages.send([messages.Box.of(tip)], "which kiln?", ada)
messages.ask_consent([tip], "", ada)
print("1")
"""


class Walk:
    """Asks pages and remembers which routes answered."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.got: set[str] = set()
        self.posted: set[str] = set()

    def get(self, path: str, expect: int = 200) -> str:
        status, page = self.door.ask(path)
        assert status == expect, f"GET {path}: {status}\n{self.log()}"
        self.got.add(route_of(path))
        return page

    def post(self, path: str, fields: dict[str, str], expect: int = 200) -> str:
        status, page = self.door.ask(path, fields)
        assert status == expect, f"POST {path}: {status}\n{page[-1500:]}\n{self.log()}"
        self.posted.add(route_of(path))
        return page

    def api(self, path: str, body: Any = None, key: str = "", receipt: str = "") -> Any:
        """A machine's request, with its key: a POST where it has a body."""
        headers = {
            "Authorization": "Bearer tocsin_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
            "Content-Type": "application/json",
        }
        headers |= {
            name: value for name, value in (("Idempotency-Key", key), ("Tocsin-Receipt", receipt)) if value
        }
        url = f"http://localhost:{self.door.port}{path}"
        request = urllib.request.Request(
            url, data=json.dumps(body).encode() if body else None, headers=headers
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            (self.posted if body else self.got).add(route_of(path))
            return json.loads(answer.read())

    def log(self) -> str:
        return (self.door.home / "door.log").read_text(errors="replace")[-1500:]


def route_of(path: str) -> str:
    return resolve(urlsplit(path).path, urlconf=URLS).route


def routes(patterns: Any, before: str = "") -> Iterator[str]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern)


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page[-1500:]
    return found[1]


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}[^"]*".*?</form>', page, re.S)
    assert found, f"no form for {action}"
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', found[0]))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Door, dict[str, str]]]:
    with running("pages") as stack:
        fill(stack)
        rows = stack.script(PREPARE)
        secret = tmp_path_factory.mktemp("pages") / "password"
        secret.write_text("clay-and-water")
        stack.tocsin("door-role", "--password-file", str(secret))
        door = Door(stack, tmp_path_factory.mktemp("door") / "home")
        door.start(stack)
        yield stack, door, rows


def mailbox(walk: Walk, stack: Stack) -> None:
    """A tip, its retry, messages both ways, consent, another tip, the receipt's file."""
    fields = {"text": "clay and kiln", "contact": "potter@example.org", "token": token_in(walk.get("/"))}
    receipt = receipt_in(walk.post("/", fields))
    assert receipt_in(walk.post("/", fields)) == receipt, "a retry"
    walk.post("/", fields | {"text": "other words"}, expect=409)
    stack.tocsin("worker", "--once")
    stack.script(
        ASK
        % stack.script(
            "from tocsin.tips.models import Tip\nprint(json.dumps(Tip.objects.latest('pk').public_id))"
        )
    )
    walk.get("/status")
    page = walk.post("/status", {"receipt": receipt})
    assert "which kiln?" in page
    write = form_of(page, "/status/write") | {"message": "the old one"}
    assert "the old one" in walk.post("/status/write", write)
    walk.post("/status/write", write)
    walk.post("/status/write", write | {"message": "another"}, expect=409)
    walk.post("/status/consent", form_of(page, "/status/consent") | {"answer": "yes"})
    walk.post("/status/tip", form_of(page, "/status/tip") | {"text": "and one more kiln"})
    signed = walk.post("/status/receipt", form_of(page, "/status/receipt"))
    assert "was not changed" in walk.post("/status/check", {"file": signed})
    assert "did not make this file" in walk.post(
        "/status/check", {"file": signed.replace(signed[5:9], "clay")}
    )
    for path in ("write", "consent", "tip", "receipt", "check"):
        walk.get(f"/status/{path}")


def other_ways(walk: Walk, rows: dict[str, str]) -> None:
    """Objection, campaign, hand-over link, share, a recipient's page, figures, the fingerprint page."""
    objection = {"text": "my kiln is a kiln", "contact": "", "token": token_in(walk.get("/objection"))}
    assert receipt_in(walk.post("/objection", objection)) == receipt_in(walk.post("/objection", objection))
    page = walk.get("/c/kiln-week")
    assert "Kiln week" in page
    walk.post("/", {"text": "from the campaign", "campaign": "kiln-week", "token": token_in(page)})
    link = urlsplit(rows["hand_over"]).path
    form = {"token": token_in(walk.get(link))}
    assert receipt_in(walk.post(link, form)) == receipt_in(walk.post(link, form))
    walk.post(link, {"token": token_in(walk.get(link))})  # a second person
    walk.get("/share")
    walk.post("/share", {"text": "see https://kiln.example/one"})
    page = walk.get(rows["reply"])
    answer = {"token": token_in(page), "text": "we look at it"}
    walk.post(rows["reply"], answer)
    walk.post(rows["reply"], answer)
    walk.post(rows["reply"], answer | {"text": "we did"}, expect=409)
    assert "Tips received" in walk.get("/figures")
    walk.get("/fingerprint")
    walk.get("/no-pictures")
    walk.get("/about/next")
    walk.get("/health")


def machines(walk: Walk) -> None:
    """The API: a tip, its retry, a batch, what became of it."""
    one = walk.api("/api/v1/tips", {"text": "clay from a machine"}, key="first-of-many")
    assert (
        walk.api("/api/v1/tips", {"text": "clay from a machine"}, key="first-of-many")["receipt"]
        == one["receipt"]
    )
    walk.api("/api/v1/tips/batch", {"tips": [{"text": "one kiln"}, {"text": "two kilns"}]}, key="many")
    assert len(walk.api("/api/v1/tips/status", receipt=one["receipt"])["tips"]) == 1


def routes_there() -> list[str]:
    return list(routes(get_resolver(URLS).url_patterns))


def test_every_page_reads_and_writes_what_it_needs(prepared: tuple[Stack, Door, dict[str, str]]) -> None:
    stack, door, rows = prepared
    walk = Walk(door)
    mailbox(walk, stack)
    other_ways(walk, rows)
    machines(walk)
    for route in routes_there():
        if "<" in route:
            assert route in walk.got | walk.posted, f"walk {route} with a row that exists"
            continue
        if route not in walk.got:
            status, _page = door.ask(f"/{route}")
            assert status in (200, 404, 405, 401), f"GET /{route}: {status}\n{walk.log()}"
        if route not in walk.posted:
            status, _page = door.ask(f"/{route}", {})
            assert status in (405, 404), f"/{route} takes a POST ({status}): walk it with a row that exists"
    stack.tocsin("worker", "--once")
    assert stack.number("SELECT count(*) FROM lib_stepfailure") == 0, "the worker applies what the door wrote"
    assert stack.number("SELECT count(*) FROM audit_auditrow WHERE actor = 'door'") > 8


def test_a_storm_is_taken_in_under_the_role_too(
    prepared: tuple[Stack, Door, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    stack, _door, _rows = prepared
    stormy = Door(stack, tmp_path_factory.mktemp("stormy") / "home")
    stormy.env["TOCSIN_STORM_TIPS_PER_MINUTE"] = "1"
    stormy.start(stack)
    before = stack.number("SELECT count(*) FROM tips_tip")
    for _number in range(6):
        token = stormy.token("/")
        status, page = stormy.ask("/", {"text": "the same words of many", "token": token})
        assert status == 200
        if "data-challenge" in page:
            status, page = stormy.ask(
                "/", {"text": "the same words of many", "token": token, "altcha": solved(page)}
            )
            assert status == 200
        assert receipt_in(page)
    assert stack.number("SELECT count(*) FROM tips_tip") == before + 6
    shared = "SELECT count(*) FROM tips_tip t JOIN tips_sharedbody b ON b.id = t.body_id WHERE t.text_tag = "
    newest = "(SELECT text_tag FROM tips_tip ORDER BY id DESC LIMIT 1)"
    assert stack.number(shared + newest) >= 2, "equal texts of a storm share one sealed body"


def solved(page: str) -> str:
    """What a browser's script would send."""
    found = re.search(r'data-challenge="([^"]+)"', page)
    assert found
    challenge = json.loads(html.unescape(found[1]))
    for number in range(challenge["maxnumber"] + 1):
        if hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest() == challenge["challenge"]:
            return base64.b64encode(json.dumps(challenge | {"number": number}).encode()).decode()
    raise AssertionError("no number solves it")
