"""Signed one-time form tokens and signed, dated links.

Form tokens stand in for a CSRF cookie on anonymous pages (no cookie, no session): they prove that our own page
was asked for within the last day. Links prove that a recipient's address came from us and is not out of date;
what they open is decided by the token inside (lib/mailbox.py). HMAC-SHA-256 with the door's secret, a salt each.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from tocsin.lib import keys

DAY = 86_400


def mac_of(salt: str, message: str) -> str:
    """32 hex characters by which the door knows its own words again; `salt` (at most 16 characters) keeps uses apart."""
    key = hashlib.blake2b(
        keys.load("door.secret").encode(), digest_size=32, person=salt.encode()[:16]
    ).digest()
    return hmac.new(key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def form_token(now: float | None = None) -> str:
    """A new token: `<seconds>.<random>.<mac>`."""
    body = f"{int(time.time() if now is None else now):x}.{secrets.token_hex(16)}"
    return f"{body}.{mac_of('form', body)}"


def form_token_state(token: str, max_age: int = DAY, now: float | None = None) -> str:
    """`good`, `old` (ours, but past `max_age` seconds) or `foreign`."""
    body, _, mac = token.rpartition(".")
    if not body or not hmac.compare_digest(
        mac.encode("utf-8", "surrogatepass"), mac_of("form", body).encode()
    ):
        return "foreign"
    made = int(body.split(".", 1)[0], 16)
    return "good" if (time.time() if now is None else now) - made <= max_age else "old"


def link(token: str, expires: int) -> str:
    """The path part of a recipient's link: `<token>.<expiry seconds, hex>.<mac>`."""
    body = f"{token}.{expires:x}"
    return f"{body}.{mac_of('link', body)}"


def open_link(text: str, now: float | None = None) -> tuple[str, str]:
    """(`good` | `expired` | `forged`, token). The token is empty unless the signature holds."""
    body, _, mac = text.rpartition(".")
    if not body or not hmac.compare_digest(
        mac.encode("utf-8", "surrogatepass"), mac_of("link", body).encode()
    ):
        return "forged", ""
    token, _, expires = body.rpartition(".")
    if (time.time() if now is None else now) > int(expires, 16):
        return "expired", token
    return "good", token
