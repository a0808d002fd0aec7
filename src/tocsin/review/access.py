"""Rules of the review room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("case.assess", policy.roles(policy.CASEWORK))
