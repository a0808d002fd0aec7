"""What the bot does with a message: store its words, and answer with the receipt.

All that one chat says on one day goes into one mailbox: people write in several short messages. Nothing of the chat
is stored but a keyed pseudonym, so the bot can never write first: answers wait in the mailbox.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from tocsin.lib import receipts, sealing
from tocsin.lib.language import interface
from tocsin.tips.accept import Incoming, Refused, accept
from tocsin.tips.chat import service
from tocsin.tips.chat.service import Said
from tocsin.tips.text import language

OLDEST = timedelta(days=2)  # the service keeps messages for a day


class Bot:
    """One bot, from the last message that it dealt with on."""

    def __init__(self) -> None:
        self._after = -1  # the service sends what it has not been told to forget

    def visit(self, _limit: int) -> int:
        """Fetch what was said and deal with it; returns how many messages.

        A message counts as dealt with once its tip is on disk and its answer is sent. Killed before that, the
        service sends it again: the same tip, the same receipt.
        """
        heard = service.updates(self._after)
        for said in heard:
            if said.private and said.chat:  # in groups the bot is silent and deaf
                deal(said)
            self._after = max(self._after, said.number)
        return len(heard)


def deal(said: Said) -> None:
    """Store and answer one message. A picture or file is answered unread."""
    if said.text is None:
        _answer(said, "media")
    elif said.text.strip().partition(" ")[0] in ("/start", "/help"):
        _answer(said, "hello")
    else:
        _take(said, said.text)


def _take(said: Said, text: str) -> None:
    box = receipts.from_token(_tag("chat-box", said.chat, _arrival(said.at).date().isoformat()))
    incoming = Incoming(
        text=text,
        source="chat",
        token=_tag("chat-token", said.chat, said.message, text),
        sender=_tag("chat-sender", said.chat),
        received_at=_arrival(said.at),
        language=language(text, said.language),  # an app is not asked what somebody writes in
        box=box,
    )
    try:
        accept([incoming], actor="worker")
    except Refused as refused:
        _answer(said, refused.reason)
        return
    _answer(said, "taken", receipts.grouped(box))


def _answer(said: Said, what: str, receipt: str = "") -> None:
    with translation.override(tongue(said)):
        context = {
            "what": what,
            "receipt": receipt,
            "hotline": settings.HOTLINE_NAME,
            "form": settings.PUBLIC_URL + reverse("tips:form"),
            "mailbox": settings.PUBLIC_URL + reverse("tips:status"),
        }
        written = render_to_string("tips/chat/answer.txt", context)
    service.say(said.chat, "\n".join(line.strip() for line in written.strip().splitlines() if line.strip()))


def tongue(said: Said) -> str:
    """The language to answer in: of the words, else of the app, else the hotline's."""
    declared = said.language.partition("-")[0]
    return interface(language(said.text or "", declared))


def _tag(purpose: str, *values: object) -> str:
    """Keyed: neither chat nor bot can be found from it."""
    bot = settings.TELEGRAM_TOKEN.partition(":")[0]
    return sealing.lookup_tag(purpose, json.dumps([bot, *values]))


def _arrival(said: datetime | None) -> datetime:
    now = timezone.now()
    return said if said and now - OLDEST < said <= now else now
