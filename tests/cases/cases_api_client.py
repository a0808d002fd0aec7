"""A machine of the hotline that works on cases, for the tests of the API."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from tips.api_client import administrator

from tocsin.accounts.models import User
from tocsin.tips import clients

BASE = "/api/v1/cases"
BOTH = ("cases:read", "cases:write")


def person(name: str = "ada", role: str = "analyst") -> User:
    """The person as whom a key acts."""
    return User.objects.filter(username=name).first() or User.objects.create_user(username=name, role=role)


def case_key(*scopes: str, user: User | None = None) -> str:
    """A key with these scopes (default: both for cases) that acts as `user` (default: Ada)."""
    return clients.create(administrator(), "desk", scopes or BOTH, acts_as=(user or person()).get_username())[
        1
    ]


def get(path: str, secret: str = "", **query: Any) -> Any:
    """GET below /api/v1/cases."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return Client(raise_request_exception=False).get(f"{BASE}{path}", query, headers=headers)


def post(path: str, secret: str = "", body: Any = None) -> Any:
    """POST JSON below /api/v1/cases; without a body, nothing."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    content = b"" if body is None else json.dumps(body)
    client = Client(raise_request_exception=False)
    return client.post(f"{BASE}{path}", content, content_type="application/json", headers=headers)
