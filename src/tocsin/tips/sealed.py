"""How a child's or a reporter's identifier is kept: sealed, in the mention itself."""

from __future__ import annotations

from tocsin.lib import sealing


def seal_identifier(kind: str, platform: str, canonical: str) -> bytes:
    """The triple, sealed to the hotline."""
    return sealing.seal_json({"kind": kind, "platform": platform, "canonical": canonical})


def open_identifier(sealed: bytes | memoryview) -> tuple[str, str, str]:
    """The triple again: kind, platform, canonical. Needs the hotline's private key."""
    value = sealing.unseal_json(sealed)
    return value["kind"], value["platform"], value["canonical"]
