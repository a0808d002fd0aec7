"""The kinds of identifiers in words, for every page and letter."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, str | Promise] = {
    "account": _("Account"),
    "group": _("Group"),
    "channel": _("Channel"),
    "post": _("Post"),
    "file": _("File"),
    "site": _("Site"),
    "url": _("Web address"),
    "email": _("E-mail address"),
    "phone": _("Phone number"),
    "payment": _("Payment account"),
}


def kind_name(kind: str) -> str:
    """A kind in the reader's language; an unknown one as it is."""
    return str(KINDS.get(kind, kind))
