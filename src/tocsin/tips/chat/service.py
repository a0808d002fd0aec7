"""The two methods of the Bot API that are used: getUpdates and sendMessage. getFile is not among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from tocsin.lib.outbound import post_json

WAIT_SECONDS = 25  # how long the service may hold an empty answer back (long polling)
_ASK_SECONDS = 40.0
_SAY_SECONDS = 10.0
AT_ONCE = 20
_LATER = 429  # too many requests


class NotNow(Exception):
    """The service asks to come back later, or is broken: what was not answered is fetched again."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message to the bot. `text` is None where it held a picture, a film, a voice or anything else."""

    number: int  # of the update: the service forgets it once a higher one is asked for
    chat: int = 0
    message: int = 0
    text: str | None = None
    language: str = ""
    at: datetime | None = None
    private: bool = False


def updates(after: int) -> list[Said]:
    """What was said after the update of this number. Raises `NotNow` or `OutboundError`."""
    asked = {"offset": after + 1, "limit": AT_ONCE, "timeout": WAIT_SECONDS, "allowed_updates": ["message"]}
    status, answer = post_json(_url("getUpdates"), asked, _ASK_SECONDS)
    if status != 200 or not isinstance(answer, dict) or not isinstance(answer.get("result"), list):
        raise NotNow
    return [_said(update) for update in answer["result"] if isinstance(_get(update, "update_id"), int)]


def say(chat: int, text: str) -> None:
    """Send a message without a preview of its links. A chat that refuses us (it blocked the bot) is let be."""
    value = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
    status, _answer = post_json(_url("sendMessage"), value, _SAY_SECONDS)
    if status == _LATER or status >= 500:
        raise NotNow


def _url(method: str) -> str:
    return f"{settings.TELEGRAM_URL}/bot{settings.TELEGRAM_TOKEN}/{method}"


def _said(update: Any) -> Said:
    message = _get(update, "message")
    chat, writer = _get(message, "chat"), _get(message, "from")
    text = _get(message, "text")
    language = _get(writer, "language_code")
    return Said(
        number=int(update["update_id"]),
        chat=_number(_get(chat, "id")),
        message=_number(_get(message, "message_id")),
        text="\n".join([text, *_hidden_links(message)]) if isinstance(text, str) else None,
        language=language if isinstance(language, str) else "",
        at=_time(_get(message, "date")),
        private=_get(chat, "type") == "private",
    )


def _hidden_links(message: Any) -> list[str]:
    """Addresses that stand behind words; those that are words stand in the text already."""
    entities = _get(message, "entities")
    found = (
        [_get(entity, "url") for entity in entities if _get(entity, "type") == "text_link"]
        if isinstance(entities, list)
        else []
    )
    return [f"<{url}>" for url in found if isinstance(url, str)]


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
