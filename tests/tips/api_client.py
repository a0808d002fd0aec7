"""A machine that sends tips, for the tests of the API."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from tocsin.accounts.models import User
from tocsin.tips import clients

BASE = "/api/v1"
KILN = {"text": "The shop kiln.example sells albums."}


def administrator() -> User:
    """Amal, who administrates."""
    found = User.objects.filter(username="amal").first()
    return found or User.objects.create_user(username="amal", role="administrator")


def key(*scopes: str, campaign: str = "") -> str:
    """A key with these scopes, by default both."""
    return clients.create(administrator(), "partner", scopes or clients.SCOPES, campaign)[1]


def send(path: str, body: Any, secret: str = "", *, once: str = "", raw: bytes = b"", **more: Any) -> Any:
    """POST JSON (or raw bytes) to a path below /api/v1."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    if once:
        headers["Idempotency-Key"] = once
    content = raw or json.dumps(body)
    more.setdefault("content_type", "application/json")
    client = Client(raise_request_exception=False)
    return client.post(f"{BASE}{path}", content, headers=headers, **more)


def status(receipt: str, secret: str) -> Any:
    """Ask for the state under a receipt."""
    headers = {"Authorization": f"Bearer {secret}", "Tocsin-Receipt": receipt}
    return Client().get(f"{BASE}/tips/status", headers=headers)
