"""Rules of the tips room."""

from __future__ import annotations

from tocsin.accounts import policy
from tocsin.accounts.models import Role

_CAMPAIGN = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
policy.register("campaign.read", policy.roles(policy.CASEWORK | _CAMPAIGN | {Role.CAMPAIGNER}))
policy.register("campaign.manage", policy.roles(_CAMPAIGN))
policy.register("campaign.pass_on", policy.roles(policy.CASEWORK | {Role.CAMPAIGNER}))
policy.register("call.take", policy.roles(policy.CASEWORK))
policy.register("clients.manage", policy.roles(frozenset({Role.ADMINISTRATOR})))
policy.register("switches.set", policy.roles(frozenset({Role.ADMINISTRATOR})))
policy.register("reporter.write", policy.roles(policy.CASEWORK))
policy.register("sender.mark", policy.roles(policy.CASEWORK))
policy.register("objection.handle", policy.roles(frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})))
