"""The worker's step: the bot listens in a thread of its own (`lib/visits.py`)."""

from __future__ import annotations

from django.conf import settings

from tocsin.lib.visits import Visits
from tocsin.tips.chat.talk import Bot


def visits() -> Visits:
    """Visits of a bot to the chat service. The service holds each until there is something to say."""
    return Visits("tips.chat", Bot().visit, lambda: 0.0)


_visits = visits()


def chat(limit: int) -> int:
    """Messages to the bot -> tips. Does nothing where no token is set."""
    return _visits.tick(limit) if settings.TELEGRAM_TOKEN else 0
