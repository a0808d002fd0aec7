"""What the hold pages show: reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.accounts.models import User
from tocsin.accounts.policy import allowed
from tocsin.cases.models import Case
from tocsin.dispatch import holds
from tocsin.dispatch.models import Hold
from tocsin.identifiers.extract.outward import display
from tocsin.identifiers.models import Identifier

SHOWN = 60  # identifiers of a hold, or of a case that may be held: a storm has thousands
REASONS: dict[str, str | Promise] = {
    "police_by_phone": _("Police said so by telephone"),
    "expired_and_asked": _("Its time has passed, and police were asked"),
    "child_in_danger": _("A child is in danger now, and police were told first"),
    "recorded_by_mistake": _("It was recorded by mistake"),
}


@dataclass(frozen=True)
class Shown:
    """One hold for the page."""

    hold: Hold
    cases: list[Case]
    identifiers: list[str]
    more: int  # identifiers that are held too
    expired: bool
    waits_for_second: bool
    may_confirm: bool


def _shown(hold: Hold, user: User, cases: list[Case] | None = None) -> Shown:
    live = hold.identifiers.filter(holdidentifier__lifted_at__isnull=True, holdidentifier__hold=hold)
    some = list(live.order_by("pk")[:SHOWN])
    waits = hold.recorded_by_id is not None and hold.confirmed_by_id is None
    return Shown(
        hold=hold,
        cases=list(holds.cases_of(hold).order_by("number")) if cases is None else cases,
        identifiers=[inert(one) for one in some],
        more=live.count() - len(some) if len(some) == SHOWN else 0,
        expired=hold.until <= timezone.now(),
        waits_for_second=waits,
        may_confirm=waits and hold.recorded_by_id != user.pk and allowed(user, "hold.record"),
    )


def inert(identifier: Identifier) -> str:
    """An identifier as text that nothing turns into a link."""
    return display(identifier.kind, identifier.platform, identifier.canonical)


def page(user: User) -> dict[str, Any]:
    """The list of all holds that bind."""
    shown = [_shown(hold, user) for hold in holds.active()]
    return {**_common(user), "shown": shown, "expired": [one for one in shown if one.expired]}


def panel(case: Case, user: User) -> dict[str, Any]:
    """The holds that bind one case, and what a person may do about them."""
    shown = [_shown(hold, user, []) for hold in holds.of_case(case)]
    offered, more = holds.offered(case, SHOWN)
    return {
        **_common(user),
        "shown": shown,
        "expired": [one for one in shown if one.expired],
        "holdable": [(one.public_id, inert(one)) for one in offered],
        "holdable_more": more,
        "today": timezone.now().date().isoformat(),
    }


def _common(user: User) -> dict[str, Any]:
    return {
        "reasons": REASONS,
        "may_lift": allowed(user, "hold.lift"),
        "may_record": allowed(user, "hold.record"),
    }
