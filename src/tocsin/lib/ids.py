"""Public ids: 12 random base-32 characters (60 bits). Integer keys never leave the house."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def public_id() -> str:
    """A new public id, lower-case Crockford base 32."""
    number = secrets.randbits(60)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(55, -1, -5))
