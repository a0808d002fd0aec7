"""The receipt as a text file, signed with the door's secret: the hotline can tell whether it wrote it.

Whoever has the file can open the mailbox; the file says so.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.lib import receipts, signing
from tocsin.tips.copies import Status

MOST = 20_000  # characters of a file that is checked
_MARK = "HMAC-SHA-256: "


def text(receipt: str, sent: Sequence[Status], now: datetime | None = None) -> str:
    """The file's content, in the language of the page."""
    page = f"{settings.PUBLIC_URL}{reverse('tips:status')}"
    lines = [
        settings.HOTLINE_NAME,
        "",
        _("Your receipt: %(receipt)s") % {"receipt": receipts.grouped(receipt)},
        *(_("Received: %(time)s (UTC)") % {"time": _time(one.at)} for one in sent if one.at),
        _("This file was made: %(time)s (UTC)") % {"time": _time(now or timezone.now())},
        "",
        _("To read answers and to write to us: open %(page)s and type the receipt.") % {"page": page},
        _("Keep this file to yourself: whoever has the receipt can read your messages."),
        _("If others use this device, copy the receipt by hand and delete this file."),
        _("Do not contact, warn, name or follow the person. Do not look for more."),
        _("If a child is in danger now, call the police."),
        "",
        _("The hotline can tell by the last line whether it made this file: %(page)s")
        % {"page": f"{settings.PUBLIC_URL}{reverse('tips:receipt_check')}"},
    ]
    body = "\n".join(lines) + "\n"
    return f"{body}{_MARK}{_signature(body)}\n"


def is_ours(content: str) -> bool:
    """Whether the door made this file, word for word. White space at the ends of lines does not count."""
    body, mark, signature = content.replace("\r\n", "\n").rpartition(_MARK)
    given = signature.strip().encode("utf-8", "surrogatepass")
    return bool(mark) and hmac.compare_digest(given, _signature(body).encode())


def _signature(body: str) -> str:
    said = "\n".join(line.rstrip() for line in body.strip().splitlines())
    return signing.mac_of("receipt-file", said)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
