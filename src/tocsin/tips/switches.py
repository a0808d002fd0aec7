"""Things that are off until an administrator switches them on, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.lib.writing import write
from tocsin.tips.models import Switch

FINGERPRINT = "fingerprint_a_file"
MAX_WHY = 300  # characters


@dataclass(frozen=True, slots=True)
class Known:
    """A switch that exists: what it is called and what it does, for the page."""

    name: str
    label: str | Promise
    does: str | Promise


KNOWN = (
    Known(
        FINGERPRINT,
        gettext_lazy("Fingerprint a file"),
        gettext_lazy(
            "A public page that computes the SHA-256 of a file on the visitor's own device; nothing is sent. "
            "For owners of their own pictures and partners whom you asked."
        ),
    ),
)


def is_on(name: str) -> bool:
    """Whether the switch is on; without a row it is off. The door may ask (it reads two columns)."""
    return bool(Switch.objects.filter(name=name, on=True).values_list("on", flat=True).first())


def flip(user: User, name: str, on: bool, why: str) -> None:
    """Switch on or off, with the reason, and say so in the audit. Raises `NotAllowed` without a reason or a change."""
    why = why.strip()
    if not why:
        raise NotAllowed(_("Write the reason."))
    if name not in {known.name for known in KNOWN}:
        raise NotAllowed(_("There is no such switch."))
    with write():
        row = Switch.objects.select_for_update().filter(name=name).first()
        if (row is not None and row.on) == on:
            raise NotAllowed(_("It stands like that already."))
        fields = {"on": on, "why": why[:MAX_WHY], "set_by": user, "set_at": timezone.now()}
        Switch.objects.update_or_create(name=name, defaults=fields)
        record(user.actor, "switch.on" if on else "switch.off", f"switch:{name}")


def standing() -> list[tuple[Known, Switch | None]]:
    """Every switch there is, with its last setting."""
    rows = {row.name: row for row in Switch.objects.select_related("set_by")}
    return [(known, rows.get(known.name)) for known in KNOWN]
