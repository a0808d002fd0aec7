"""How dispatches appear on the approvals page (design 5.5)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import Registered, register
from tocsin.dispatch.models import Dispatch
from tocsin.dispatch.propose import approve, reject


def describe(item: Dispatch) -> str:
    """One line for the list."""
    names = {"kind": item.get_kind_display(), "recipient": item.recipient.name, "count": item.items.count()}
    return _("%(kind)s to %(recipient)s, items: %(count)s") % names


def enter() -> None:
    """Register the entry; called once, when the applications are ready."""
    register(Registered("dispatch", Dispatch, approve, reject, "dispatch/approve.html", describe))
