"""The chat bot against a service on loopback: words become tips, pictures stay where they are."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from tocsin.lib import mailbox, outbound, receipts, sealing
from tocsin.tips import copies
from tocsin.tips.chat import steps
from tocsin.tips.chat.service import NotNow, Said
from tocsin.tips.chat.talk import Bot, tongue
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
TOKEN = "1234567:invented-token"


class Service:
    """As much of the Bot API as the bot may use. Any other method is noted and refused."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.methods: list[str] = []
        self.refusals: list[int] = []  # statuses of the next sendMessage calls
        self.raw: bytes | None = None  # what getUpdates answers instead
        self.released = threading.Event()
        self.trickled = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                method = self.path.removeprefix(f"/bot{TOKEN}/")
                value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.methods.append(method)
                status, content = owner.answer(method, value)
                self.send_response(status)
                self.end_headers()
                if content == b"trickle":
                    while owner.trickled < 10_000 and not owner.released.wait(0.05):
                        owner.trickled += 1
                        self.wfile.write(b" ")
                    return
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler

    def answer(self, method: str, value: dict[str, Any]) -> tuple[int, bytes]:
        if method == "getUpdates":
            if self.raw is not None:
                return 200, self.raw
            self.waiting = [one for one in self.waiting if one["update_id"] >= value["offset"]]
            return 200, json.dumps({"ok": True, "result": self.waiting[: value["limit"]]}).encode()
        if method == "sendMessage":
            status = self.refusals.pop(0) if self.refusals else 200
            if status == 200:
                self.sent.append(value)
            return status, json.dumps({"ok": status == 200}).encode()
        return 404, b'{"ok": false}'

    def hear(self, text: str | None = None, chat: int = 77, kind: str = "private", **more: Any) -> None:
        number = len(self.methods) + len(self.waiting) + 100
        message: dict[str, Any] = {
            "message_id": number,
            "date": int(timezone.now().timestamp()),
            "chat": {"id": chat, "type": kind, "first_name": "Rosa"},
            "from": {"id": chat, "first_name": "Rosa", "username": "rosa_walks", "language_code": "en"},
            **more,
        }
        if text is not None:
            message["text"] = text
        self.waiting.append({"update_id": number, "message": message})

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def chat(settings: Any) -> Iterator[Service]:
    running = Service()
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_URL = TOKEN, running.url
    yield running
    running.close()


def receipt_in(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith("Your receipt")]
    return receipts.normalise(line.partition(":")[2]) or ""


def narratives() -> list[str]:
    return [sealing.unseal(tip.narrative_sealed) for tip in Tip.objects.order_by("pk")]


def test_the_first_words_of_the_bot_say_what_the_chat_service_learns(chat: Service) -> None:
    chat.hear("/start")
    assert Bot().visit(50) == 1
    (said,) = chat.sent
    assert "can read what you write" in said["text"]
    assert "http://localhost:8000/" in said["text"], "the form is offered"
    assert said["chat_id"] == 77
    assert said["link_preview_options"] == {"is_disabled": True}
    assert not Tip.objects.exists()


def test_a_message_becomes_a_sealed_tip_and_is_answered_with_its_receipt(chat: Service) -> None:
    chat.hear("The account is @clay.pots on the photo site.")
    assert Bot().visit(50) == 1
    tip = Tip.objects.get()
    assert tip.source == "chat"
    assert narratives() == ["The account is @clay.pots on the photo site."]
    (status,) = copies.of_box(receipt_in(chat.sent[0]["text"]))
    assert status.stage == "received"
    assert "clay" not in chat.sent[0]["text"], "nothing is quoted"


def test_nothing_of_the_account_is_stored(chat: Service) -> None:
    chat.hear("A vase.")
    Bot().visit(50)
    tip = Tip.objects.get()
    sender = sealing.unseal(tip.sender_sealed)
    assert len(sender) == 32
    assert tip.contact_sealed is None
    assert not {"77", "Rosa", "rosa_walks"} & {sender, tip.mailbox_tag, tip.box_tag, narratives()[0]}


def test_what_a_chat_says_on_one_day_lies_in_one_mailbox(chat: Service) -> None:
    chat.hear("First.")
    chat.hear("Second.")
    chat.hear("Another person.", chat=78)
    Bot().visit(50)
    mine, mine_too, other = (receipt_in(said["text"]) for said in chat.sent)
    assert mine == mine_too != other
    assert len(copies.of_box(mine)) == 2
    senders = {sealing.unseal(tip.sender_sealed) for tip in Tip.objects.filter(box_tag=mailbox.tag(mine))}
    assert len(senders) == 1


@pytest.mark.parametrize(
    "media",
    [
        {"photo": [{"file_id": "x", "width": 1, "height": 1}], "caption": "look"},
        {"video": {"file_id": "x"}},
        {"voice": {"file_id": "x"}},
        {"document": {"file_id": "x", "file_name": "vase.jpg"}},
        {"sticker": {"file_id": "x"}},
    ],
)
def test_media_is_dropped_unread_and_answered(chat: Service, media: dict[str, Any]) -> None:
    chat.hear(None, **media)
    assert Bot().visit(50) == 1
    assert not Tip.objects.exists()
    assert "We did not open what you sent" in chat.sent[0]["text"]
    assert set(chat.methods) == {"getUpdates", "sendMessage"}, "getFile is never called"


def test_addresses_behind_words_are_kept(chat: Service) -> None:
    chat.hear(
        "See this", entities=[{"type": "text_link", "url": "https://shop.example/vase"}, {"type": "bold"}, 7]
    )
    Bot().visit(50)
    assert narratives() == ["See this\n<https://shop.example/vase>"]


def test_in_groups_the_bot_is_silent(chat: Service) -> None:
    chat.hear("A vase.", kind="supergroup")
    assert Bot().visit(50) == 1
    assert not chat.sent
    assert not Tip.objects.exists()


def test_a_bot_that_is_killed_hears_the_message_again_and_stores_it_once(chat: Service) -> None:
    chat.hear("A vase.")
    chat.refusals = [500]
    first = Bot()
    with pytest.raises(NotNow):
        first.visit(50)
    assert Bot().visit(50) == 1
    assert Tip.objects.count() == 1
    assert len(chat.sent) == 1


def test_one_bot_deals_with_a_message_once(chat: Service) -> None:
    bot = Bot()
    chat.hear("A vase.")
    assert bot.visit(50) == 1
    assert bot.visit(50) == 0
    assert len(chat.sent) == 1


def test_a_chat_that_blocked_the_bot_stops_nobody(chat: Service) -> None:
    chat.hear("A vase.")
    chat.hear("Another vase.", chat=78)
    chat.refusals = [403]
    assert Bot().visit(50) == 2
    assert Tip.objects.count() == 2
    assert [said["chat_id"] for said in chat.sent] == [78]


@pytest.mark.parametrize("text", ["", " \u200b ", "x" * 70_000])
def test_what_cannot_be_a_tip_is_answered(chat: Service, text: str) -> None:
    chat.hear(text)
    assert Bot().visit(50) == 1
    assert not Tip.objects.exists()
    assert "Your receipt" not in chat.sent[0]["text"]


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"<html>", b"[]", b'{"ok": true}', b'{"result": 7}', b"[" * 100_000, b'{"result": [' + b" " * 5_000_000 + b"]}",
    ],
)  # fmt: skip
def test_nonsense_from_the_service_is_an_error_of_the_visit(chat: Service, raw: bytes) -> None:
    chat.raw = raw
    with pytest.raises((NotNow, outbound.OutboundError)):
        Bot().visit(50)


def test_broken_messages_are_passed_over(chat: Service) -> None:
    broken = [
        7,
        {},
        {"update_id": "a"},
        {"update_id": 5},
        {"update_id": 6, "message": {"chat": [], "text": "A vase."}},
    ]
    odd = {
        "chat": {"id": 9, "type": "private"},
        "date": 10**30,
        "text": "A vase.\x00\ud800",
        "from": {"language_code": 5},
    }
    chat.raw = json.dumps({"result": [*broken, {"update_id": 8, "message": odd}]}).encode()
    Bot().visit(50)
    assert narratives() == ["A vase.\ud800"]
    assert timezone.now() - Tip.objects.get().received_at < timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "app", "answered"),
    [
        ("一家卖花瓶的商店", "en", "zh-hans"), ("La boutique vend des vases", "en", "fr"), ("@clay.pots", "fr", "fr"),
        ("@clay.pots", "zh-hans", "zh-hans"), ("@clay.pots", "xx", "en"), (None, "fr-CA", "fr"),
    ],
)  # fmt: skip
def test_the_answer_is_in_the_language_of_the_words_or_of_the_app(
    text: str | None, app: str, answered: str
) -> None:
    assert tongue(Said(1, text=text, language=app)) == answered


@pytest.mark.django_db(transaction=True)
def test_the_step_listens_in_a_thread_and_gives_way_after_a_failure(chat: Service) -> None:
    listening = steps.visits()
    chat.hear("A vase.")
    assert listening.tick(50) == 0
    listening.wait()
    assert Tip.objects.count() == 1
    chat.raw = b"nonsense"
    assert listening.tick(50) == 1
    listening.wait()
    asked = len(chat.methods)
    assert listening.tick(50) == 0
    listening.wait()
    assert len(chat.methods) == asked, "the next visit is later"


def test_without_a_token_the_bot_is_off(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.TELEGRAM_TOKEN == ""
    monkeypatch.setattr(steps, "_visits", None)
    assert steps.chat(50) == 0


def test_plain_http_leaves_this_machine_never() -> None:
    with pytest.raises(outbound.OutboundError):
        outbound.post_json("http://service.example/bot", {}, 1.0)


def test_errors_do_not_tell_the_token(chat: Service, settings: Any) -> None:
    chat.close()
    with pytest.raises(outbound.OutboundError) as error:
        Bot().visit(50)
    assert "invented-token" not in repr(error.value)


def test_an_answer_that_trickles_is_ended(chat: Service) -> None:
    chat.raw = b"trickle"
    with pytest.raises(outbound.OutboundError):
        outbound.post_json(f"{chat.url}/bot{TOKEN}/getUpdates", {"offset": 0, "limit": 1}, 0.5)
    assert chat.trickled < 10_000
