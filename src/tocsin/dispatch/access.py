"""Rules of the dispatch room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("dispatch.plan", policy.roles(policy.CASEWORK))
policy.register("dispatch.release", policy.roles(policy.APPROVERS))
policy.register("hold.record", policy.roles(policy.CASEWORK))
policy.register("hold.lift", policy.roles(policy.APPROVERS))
