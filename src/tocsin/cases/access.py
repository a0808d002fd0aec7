"""Rules of the cases room."""

from __future__ import annotations

from tocsin.accounts import policy
from tocsin.accounts.models import Role
from tocsin.tips import clients

policy.register("case.read", policy.roles(policy.CASEWORK))
policy.register("case.work", policy.roles(policy.CASEWORK))
policy.register("duty.read", policy.roles(policy.CASEWORK | {Role.ADMINISTRATOR}))
policy.register("duty.plan", policy.roles(frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})))
clients.register_scope("cases:read", "case.read")
clients.register_scope("cases:write", "case.work")
