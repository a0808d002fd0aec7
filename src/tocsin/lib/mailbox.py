"""Pages behind a token: reporter's mailbox, recipient's reply page (design, section 5.1).

The token derives two independent things by BLAKE2b with different `person`: a *tag* under which rows are found,
and an X25519 key pair to which the worker seals a copy. The database holds tag and public key; only while the
token is presented can the door open the copy.
"""

from __future__ import annotations

import hashlib
import secrets

from nacl.public import PrivateKey

from tocsin.lib import sealing


def new_token() -> str:
    """32 characters, 160 bits."""
    return secrets.token_hex(20)


def tag(token: str) -> str:
    """The look-up tag of a token: 32 hex characters that do not give the token away."""
    return hashlib.blake2b(token.encode("utf-8"), digest_size=16, person=b"tocsin-box-tag").hexdigest()


def _private(token: str) -> PrivateKey:
    return PrivateKey(
        hashlib.blake2b(token.encode("utf-8"), digest_size=32, person=b"tocsin-box-key").digest()
    )


def public_key(token: str) -> bytes:
    """The public half, 32 bytes: stored beside the row, so that later copies need no token."""
    return bytes(_private(token).public_key)


def seal_copy(public: bytes | memoryview, value: object) -> bytes:
    """A JSON value sealed for whoever holds the token."""
    return sealing.seal_json(value, bytes(public))


def open_copy(token: str, sealed: bytes | memoryview) -> object:
    """Open a copy with the token; `SealBroken` for another token."""
    return sealing.unseal_json(sealed, bytes(_private(token)))
