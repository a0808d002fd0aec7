"""The outbox page: what waits, what left, what failed; and one message exactly as it leaves."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tocsin.accounts.policy import StaffRequest, needs
from tocsin.lib import sealing
from tocsin.post import queries
from tocsin.post.models import Message, MessageState
from tocsin.post.reading import letter

PAGE = 50
STATES = {MessageState.QUEUED: _("waiting"), MessageState.SENT: _("sent"), MessageState.FAILED: _("failed")}
ASKED_BY = {"dispatch": "dispatch:dispatch"}  # first word of a key -> URL name of what asked for the message


@require_GET
@needs("outbox.read")
def outbox(request: StaffRequest) -> HttpResponse:
    """The list, filtered by state."""
    state = request.GET.get("state", "")
    page: Any = Paginator(queries.outbox(state), PAGE).get_page(request.GET.get("page"))
    rows = [
        (row, sealing.unseal(row.address_sealed), STATES[MessageState(row.state)]) for row in page.object_list
    ]
    context = {
        "page": page,
        "rows": rows,
        "state": state,
        "states": STATES.items(),
        "mail_server_set": bool(settings.SMTP_HOST),
    }
    return render(request, "post/outbox.html", context)


@require_GET
@needs("outbox.read")
def message(request: StaffRequest, key: str) -> HttpResponse:
    """One message; its key names it, because integer keys never leave."""
    found = get_object_or_404(Message, key=key)
    context = {
        "message": found,
        "state": STATES[MessageState(found.state)],
        "letter": letter(found, request.user),
        "asked_by": _asked_by(key),
    }
    return render(request, "post/message.html", context)


def _asked_by(key: str) -> str:
    """The page of what asked for the message, or an empty text."""
    kind, _colon, name = key.partition(":")
    try:
        return reverse(ASKED_BY[kind], args=[name])
    except (KeyError, NoReverseMatch):
        return ""
