"""A person confirms a route: from then on it may be used."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.directory.models import Route
from tocsin.directory.queries import ONE_ADDRESS
from tocsin.lib.writing import write


def confirm(route: Route, user: User, note: str) -> Route:
    """Record who confirmed the route and how (a test message answered, a call: with whom, when).

    Raises `NotAllowed` without a note, for an address that is not exactly one, or for one confirmed already.
    """
    note = note.strip()
    if not note:
        raise NotAllowed(_("Write how you confirmed it: a test message answered, or a call and with whom."))
    if route.channel == "email" and not ONE_ADDRESS.fullmatch(route.address):
        raise NotAllowed(_("This is not one e-mail address; it cannot be used."))
    with write():
        fields = {"confirmed_at": timezone.now(), "confirmed_by": user, "confirmed_note": note[:300]}
        mine = Route.objects.filter(pk=route.pk, confirmed_at__isnull=True).update(**fields)
        if mine != 1:
            raise NotAllowed(_("This route was confirmed already."))
        record(user.actor, "route.confirmed", f"route:{route.public_id}")
    route.refresh_from_db()
    return route
