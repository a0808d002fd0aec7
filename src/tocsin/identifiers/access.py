"""Rules of the identifiers room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("bystanders.read", policy.roles(policy.CASEWORK))
policy.register("bystanders.propose", policy.roles(policy.CASEWORK))
policy.register("identifiers.try", policy.roles(policy.CASEWORK))
