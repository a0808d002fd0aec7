"""Rules of the tips room."""

from __future__ import annotations

from tocsin.accounts import policy
from tocsin.accounts.models import Role

policy.register("switches.set", policy.roles(frozenset({Role.ADMINISTRATOR})))
policy.register("reporter.write", policy.roles(policy.CASEWORK))
policy.register("sender.mark", policy.roles(policy.CASEWORK))
policy.register("objection.handle", policy.roles(frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})))
