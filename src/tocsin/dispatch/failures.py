"""Why a dispatch did not leave: codes that are kept, sentences that are shown."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CONTENT_CHANGED = "content_changed"
ROUTE_CHANGED = "route_changed"
NOT_REPORTED = "not_reported"
NOT_DELIVERED = "not_delivered"

SENTENCES: dict[str, str | Promise] = {
    CONTENT_CHANGED: _("The stored text is not the one that was approved. It was not sent."),
    ROUTE_CHANGED: _(
        "The address is no longer the one that was approved, or no longer confirmed. It was not sent."
    ),
    NOT_REPORTED: _("An identifier in it is no longer marked as reported. It was not sent."),
    NOT_DELIVERED: _("The mail server did not take it. See the outbox for its answer."),
}


def sentence(code: str | None) -> str:
    """The sentence for a failure's code; empty without one."""
    return str(SENTENCES.get(code or "", ""))
