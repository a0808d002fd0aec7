"""Rules of the directory room."""

from __future__ import annotations

from tocsin.accounts import policy

policy.register("directory.read", policy.roles(policy.CASEWORK))
policy.register("directory.confirm", policy.roles(policy.APPROVERS))
