"""Public ids: 12 random base-32 characters (60 bits). Integer keys never leave the house."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_CHARACTER_OF_BYTE = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))


def public_id() -> str:
    """A new public id, lower-case Crockford base 32."""
    return secrets.token_bytes(12).translate(_CHARACTER_OF_BYTE).decode("ascii")
