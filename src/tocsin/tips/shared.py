"""What another app shared with the installed form: its words, laid into the two boxes."""

from __future__ import annotations

import re

from django.http import HttpRequest

from tocsin.lib import uploads
from tocsin.tips.text import encodable

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_MOST = 20  # addresses that go into the first box; all stay in the text


def values(request: HttpRequest) -> dict[str, str]:
    """The form's fields from `title`, `text` and `url` of a share (W3C Web Share Target).

    Many apps put the address into `text`: addresses go to the first box, one a line; a text that is nothing but
    the address is not repeated below. `via` marks the tip as shared.
    """
    title, text, url = (encodable(request.POST.get(name, "")).strip() for name in ("title", "text", "url"))
    addresses = list(dict.fromkeys(filter(None, [url, *_ADDRESS.findall(text)[:_MOST]])))
    if text in addresses:
        text = ""
    narrative = "\n\n".join(dict.fromkeys(part for part in (title, text) if part and part not in addresses))
    return {"identifier": "\n".join(addresses), "text": narrative, "via": "share"}


def refused(request: HttpRequest) -> str:
    """`here` where the app's worker left a file on the phone, `unread` where the server threw one away, else empty."""
    if uploads.refused(request):
        return "unread"
    return "here" if request.POST.get("refused") == "here" else ""
