"""The public form: from what was posted to an `Incoming`, and what cannot be taken, in sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tocsin.lib import origin, signing, uploads
from tocsin.tips import campaign_names, flood
from tocsin.tips.accept import MAX_BYTES, Accepted, Incoming, Refused, accept_one, already, check
from tocsin.tips.text import encodable, is_blank

FIELDS = ("contact", "where", "what", "danger", "about", "place")
BOXES = ("identifier", "text")  # the two that become the tip's text
MAX_CONTACT = 1000  # characters


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nothing was stored: the HTTP status, the field to go to, and the sentence for the person."""

    status: int
    field: str
    sentence: str


def incoming(request: HttpRequest) -> Incoming:
    """What the form says. Language is left to the reader of the text: the page's is not the text's."""
    fields: dict[str, Any] = {name: request.POST.get(name, "") for name in FIELDS}
    text = joined(*(_as_sent(request, box) for box in BOXES))
    source = "share" if request.POST.get("via") == "share" else "web"
    campaign = campaign_names.active(request.POST.get("campaign", ""))
    return Incoming(
        text=text, source=source, campaign_id=campaign, token=request.POST.get("token", ""), **fields
    )


def joined(identifier: str, text: str) -> str:
    """The two boxes as one text: the identifier's lines, a blank line, the narrative.

    A client that posts only `text`, as before there were two boxes, is stored as it was sent.
    """
    if is_blank(identifier):
        return text
    return identifier.strip() if is_blank(text) else f"{identifier.strip()}\n\n{text}"


def values(request: HttpRequest) -> dict[str, str]:
    """The fields again, fit for a page: nothing that was typed is lost when the form is shown once more."""
    boxes = {name: encodable(_as_sent(request, name)) for name in BOXES}
    return boxes | {name: encodable(request.POST.get(name, "")) for name in (*FIELDS, "via", "campaign")}


def kept(request: HttpRequest) -> list[tuple[str, str]]:
    """All fields that were filled, to be sent again from the waiting page; nothing typed is lost there either."""
    filled = values(request) | {"token": request.POST.get("token", ""), "lang": request.POST.get("lang", "")}
    return [(name, value) for name, value in filled.items() if value]


@dataclass(frozen=True, slots=True)
class Wait:
    """A storm: before the tip is stored its sender does a little work or waits; `context` is the page's."""

    context: dict[str, Any]


def send(request: HttpRequest, item: Incoming) -> Accepted | Problem | Wait:
    """Store the tip, or say what is in the way."""
    state = signing.form_token_state(item.token or "")
    if not origin.same_site(request) or state == "foreign":
        return Problem(
            403, "text", _("This form did not come from this page. Your text is still here: send it again.")
        )
    if uploads.refused(request):
        sentence = _(
            "Files are not taken, and no file was kept. Words and addresses are enough: send your text again."
        )
        return Problem(415, "text", sentence)
    if len(item.contact) > MAX_CONTACT:
        return Problem(400, "contact", _("This is too long. An address or a number is enough."))
    if state == "old":
        return already(item) or _old()
    weather = flood.weather(request)
    token = item.token or ""
    if weather.hurdle and not flood.passed(request, token):
        return already(item) or _refusal(item) or Wait(flood.waiting(request, token))
    return _accepted(replace(item, network=weather.network), weather.storm)


def _refusal(item: Incoming) -> Problem | None:
    """What would be refused is said at once: nobody waits in vain."""
    try:
        check(item)
    except Refused as refused:
        return _refused(refused)
    return None


def _accepted(item: Incoming, storm: bool) -> Accepted | Problem:
    try:
        accepted = accept_one(item, storm=storm)
    except Refused as refused:
        return _refused(refused)
    if accepted.same:
        return accepted
    return Problem(
        409,
        "text",
        _(
            "The first version of this was received already. If you changed something, send it once more: both are kept."
        ),
    )


def _old() -> Problem:
    return Problem(
        403, "text", _("This page was open for more than a day. Your text is still here: send it again.")
    )


def _refused(refused: Refused) -> Problem:
    if refused.reason == "blank":
        return Problem(
            400, "identifier", _("Please write a few words or paste an address. Nothing was sent yet.")
        )
    sentence = _(
        "Your text has %(size)s bytes; at most %(most)s can be sent at once. Nothing was sent yet: "
        "shorten it, or send it in parts."
    )
    sizes = {"size": _grouped(refused.size), "most": _grouped(MAX_BYTES)}
    return Problem(413, "text", sentence % sizes)


def _grouped(number: int) -> str:
    return str(number_format(number, force_grouping=True))


def _as_sent(request: HttpRequest, name: str) -> str:
    """The field's text. Django replaces lone surrogates; a tip is stored as it was sent."""
    if request.content_type != "application/x-www-form-urlencoded" or b"%ED%" not in request.body.upper():
        return request.POST.get(name, "")
    try:
        pairs = parse_qsl(
            request.body.decode("ascii"),
            keep_blank_values=True,
            errors="surrogatepass",
            max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        )
    except ValueError:
        return request.POST.get(name, "")
    return dict(pairs).get(name, "")
