"""A case's clock as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.cases.models import Case
from tocsin.outcomes.clocks import STEPS, compute
from tocsin.outcomes.durations import spoken

LABELS: dict[str, str | Promise] = {
    "received": gettext_lazy("Received"),
    "opened": gettext_lazy("Opened"),
    "assessed": gettext_lazy("Assessed"),
    "approved": gettext_lazy("Approved"),
    "sent": gettext_lazy("Sent"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "all_gone": gettext_lazy("All accounts gone"),
    "arrested": gettext_lazy("Arrested"),
}


@dataclass(frozen=True)
class Tick:
    """One step of the strip: `after` is the time since the step before, in words (empty for the first)."""

    name: str
    label: str | Promise
    at: datetime | None
    after: str
    good: bool


def strip(case: Case) -> list[Tick]:
    """The clock as a strip, in the order of the walk."""
    times, ticks, before = compute([case])[case.pk], [], None
    for name in STEPS:
        at = times[name]
        after = spoken(at - before) if at and before and at >= before else ""
        ticks.append(Tick(name, LABELS[name], at, after, bool(at) and name in ("all_gone", "arrested")))
        before = max(at, before) if at and before else (at or before)
    return ticks


def summary(case: Case) -> str:
    """ "All gone after 1 h 2 min, arrested after 3 d 4 h", counted from the first message sent; empty before that."""
    times = compute([case])[case.pk]
    sent, gone, arrested = times["sent"], times["all_gone"], times["arrested"]
    if sent is None or not (gone or arrested):
        return ""
    if gone and arrested:
        words = {"gone": spoken(gone - sent), "arrested": spoken(arrested - sent)}
        return _("all gone after %(gone)s, arrested after %(arrested)s") % words
    if gone:
        return _("all gone after %(gone)s") % {"gone": spoken(gone - sent)}
    return _("arrested after %(arrested)s") % {"arrested": spoken((arrested or sent) - sent)}
