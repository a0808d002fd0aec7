"""Whether somebody of the hotline is on duty: a row that the rota's step keeps and the public form reads.

It stands beside the switches, of which the door may read name and state. No row: the hotline keeps no rota, and
the form promises nothing either way.
"""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache

from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.tips.models import Switch

NAME = "somebody_on_duty"
KEPT_SECONDS = 10  # the form does not ask the database for it at every visit


def shown() -> bool | None:
    """What the public pages say now; None where no rota is kept."""
    return Switch.objects.filter(name=NAME).values_list("on", flat=True).first()


def show(staffed: bool, planner: User, now: datetime) -> None:
    """Say it from now on. Inside `with write():`. `planner` made the rota by which it is so."""
    values = {"on": staffed, "why": "duty rota", "set_by": planner, "set_at": now}
    Switch.objects.update_or_create(name=NAME, defaults=values)
    record("worker", "duty.staffed" if staffed else "duty.unstaffed", "duty")


def nobody() -> bool:
    """Whether a rota is kept and nobody is on duty; at most ten seconds old."""
    return _nobody(int(time.monotonic() / KEPT_SECONDS))


@lru_cache(maxsize=1)
def _nobody(_moment: int) -> bool:
    return shown() is False


def forget() -> None:
    """Ask again at the next visit."""
    _nobody.cache_clear()
