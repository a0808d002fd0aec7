"""Rules of the outcomes room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("clock.read", policy.roles(policy.CASEWORK))
policy.register("outcome.release", policy.roles(policy.CASEWORK))
