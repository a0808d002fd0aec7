"""Keys of machines that may send tips: made, shown once, revoked. What is kept of a key is its digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.lib.writing import write
from tocsin.tips import campaign_names
from tocsin.tips.models import ApiClient

SCOPES = ("tips:write", "tips:read")
MAX_NAME = 120  # characters


def digest(key: str) -> str:
    """SHA-256 in hex. The key has 256 random bits: a slow hash would guard nothing and cost each request."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def create(user: User, name: str, scopes: Sequence[str], campaign: str = "") -> tuple[ApiClient, str]:
    """A new client and its key, which is nowhere else. Raises `NotAllowed` with a sentence."""
    name = name.replace("\x00", "").strip()
    if not name:
        raise NotAllowed(_("Give the client a name."))
    wanted = [scope for scope in SCOPES if scope in scopes]
    if not wanted or set(scopes) - set(SCOPES):
        raise NotAllowed(_("Choose what the key may do."))
    campaign_id = campaign_names.active(campaign) if campaign else None
    if campaign and campaign_id is None:
        raise NotAllowed(_("There is no running campaign with this name."))
    key = f"tocsin_{secrets.token_urlsafe(32)}"
    with write():
        client = ApiClient.objects.create(
            name=name[:MAX_NAME],
            key_digest=digest(key),
            scopes=wanted,
            campaign_id=campaign_id,
            created_by=user,
            created_at=timezone.now(),
        )
        record(user.actor, "client.created", f"client:{client.public_id}", scopes=wanted)
    return client, key


def revoke(user: User, public_id: str) -> None:
    """End a key at once; its tips stay what they are. Raises `NotAllowed` where it does not run."""
    with write():
        if not ApiClient.objects.filter(public_id=public_id, revoked_at=None).update(
            revoked_at=timezone.now()
        ):
            raise NotAllowed(_("There is no such key, or it is revoked already."))
        record(user.actor, "client.revoked", f"client:{public_id}")


def listed() -> QuerySet[ApiClient]:
    """All clients: those that run first, newest first."""
    return ApiClient.objects.select_related("campaign", "created_by").order_by("-revoked_at", "-pk")
