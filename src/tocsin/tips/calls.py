"""Take a tip for somebody who calls, writes a letter or comes by."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tocsin.accounts.models import User
from tocsin.lib import signing
from tocsin.tips.accept import MAX_BYTES, Accepted, Incoming, Refused, accept

FIELDS = (
    "channel",
    "text",
    "contact",
    "where",
    "what",
    "danger",
    "about",
    "place",
    "city",
    "occurred_at",
    "language",
)
CHANNELS = frozenset({"phone", "letter", "visit"})


class NotTaken(ValueError):
    """Nothing was stored; the text says why and what to do."""


def take(user: User, typed: dict[str, str], token: str) -> Accepted:
    """Store the tip in the caller's name, with who took it. The same form sent twice is one tip."""
    if signing.form_token_state(token) == "foreign":
        raise NotTaken(_("This form did not come from this page. Your text is still here: send it again."))
    item = Incoming(
        text=typed["text"],
        source=typed["channel"] if typed["channel"] in CHANNELS else "phone",
        token=token,
        contact=typed["contact"],
        where=typed["where"],
        what=typed["what"],
        danger=typed["danger"],
        about=typed["about"],
        place=typed["place"],
        city=typed["city"],
        language=typed["language"],
        occurred_at=_when(typed["occurred_at"]),
        taken_by_id=user.pk,
    )
    try:
        (accepted,) = accept([item], user.actor)
    except Refused as refused:
        if refused.reason == "blank":
            raise NotTaken(_("Write down what was said. Nothing was stored yet.")) from None
        raise NotTaken(
            _("The text has %(size)d bytes; at most %(most)d can be stored at once. Nothing was stored yet.")
            % {"size": refused.size, "most": MAX_BYTES}
        ) from None
    if not accepted.same:
        raise NotTaken(_("The first version of this was stored already. Send it once more to keep both."))
    return accepted


def _when(typed: str) -> datetime | None:
    """The time that the caller named, read as UTC where no zone is given."""
    if not typed.strip():
        return None
    try:
        found = parse_datetime(typed.strip())
    except ValueError:
        found = None
    if found is None:
        raise NotTaken(_("The date cannot be read. Nothing was stored yet."))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
