"""Rules of the statistics room."""

from __future__ import annotations

from tocsin.accounts import policy
from tocsin.accounts.models import Role

policy.register("statistics.read", policy.roles(frozenset(Role) - {Role.CAMPAIGNER}))
policy.register("statistics.campaign", policy.roles(frozenset(Role)))
