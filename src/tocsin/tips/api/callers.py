"""Who calls: a key in the header, its digest in the database, its scopes, and how much it may send."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security import HttpBearer

from tocsin.tips import clients, flood
from tocsin.tips.api.problems import Problem, too_many
from tocsin.tips.models import ApiClient

KEY = re.compile(r"tocsin_[A-Za-z0-9_-]{32,128}")


@dataclass(frozen=True, slots=True)
class Caller:
    """A client whose key is valid; all that the door may read of it."""

    pk: int
    public_id: str
    scopes: tuple[str, ...]
    campaign_id: int | None


class Key(HttpBearer):
    """`Authorization: Bearer tocsin_…`, for one scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The caller; None (401) for a key that is unknown or revoked. Raises `Problem` 403 without the scope."""
        found = caller(token)
        if found is not None and self.scope not in found.scopes:
            raise Problem(403, f"This key lacks the scope {self.scope}.")
        return found


def caller(key: str) -> Caller | None:
    """Who has this key. Nothing is written: the door may not change a row."""
    if not KEY.fullmatch(key):
        return None
    rows = ApiClient.objects.filter(key_digest=clients.digest(key), revoked_at=None)
    row = rows.values_list("pk", "public_id", "scopes", "campaign_id").first()
    return None if row is None else Caller(row[0], row[1], tuple(row[2]), row[3])


def allow(client: Caller, count: int = 1) -> float:
    """Seconds to wait before `count` tips more; 0.0 when there is room."""
    return flood.buckets("api.client").take(client.public_id, count)


def admit(client: Caller, count: int = 1) -> None:
    """Count, or raise `Problem` 429."""
    if wait := allow(client, count):
        raise too_many(wait)
