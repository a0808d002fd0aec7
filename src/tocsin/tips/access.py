"""Rules of the tips room."""

from __future__ import annotations

from tocsin.accounts import policy
from tocsin.accounts.models import Role

policy.register("switches.set", policy.roles(frozenset({Role.ADMINISTRATOR})))
