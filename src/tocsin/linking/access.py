"""Rules of the linking room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("hubs.read", policy.roles(policy.CASEWORK))
policy.register("hubs.propose", policy.roles(policy.CASEWORK))
policy.register("hubs.threshold", policy.roles(policy.APPROVERS))
