"""Rules of the accounts room."""

from __future__ import annotations

from tocsin.accounts import policy
from tocsin.accounts.models import Role

policy.register("console.enter", lambda user, _target: True)
policy.register("approvals.read", policy.roles(policy.CASEWORK))
policy.register("approvals.decide", policy.roles(policy.APPROVERS))
policy.register("health.read", policy.roles(frozenset(Role) - {Role.CAMPAIGNER}))
