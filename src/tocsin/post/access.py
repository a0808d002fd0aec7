"""Rules of the post room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("outbox.read", policy.roles(policy.CASEWORK))
