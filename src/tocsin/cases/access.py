"""Rules of the cases room."""

from __future__ import annotations

from tocsin.accounts import policy
from tocsin.tips import clients

policy.register("case.read", policy.roles(policy.CASEWORK))
policy.register("case.work", policy.roles(policy.CASEWORK))
clients.register_scope("cases:read", "case.read")
clients.register_scope("cases:write", "case.work")
