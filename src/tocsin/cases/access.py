"""Rules of the cases room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("case.read", policy.roles(policy.CASEWORK))
policy.register("case.work", policy.roles(policy.CASEWORK))
