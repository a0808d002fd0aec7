"""Keys of machines: made, shown once, revoked. What is kept of a key is its digest.

A key that sends tips is nobody. A key for cases has the rights of one person, and no more than that person has.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.lib.writing import write
from tocsin.tips import campaign_names
from tocsin.tips.models import ApiClient

SCOPES = ("tips:write", "tips:read")
AS_A_PERSON: dict[str, str] = {}  # scope -> the action that its person must be allowed
MAX_NAME = 120  # characters


def register_scope(scope: str, action: str) -> None:
    """A room above has an API of its own: a key with `scope` acts as a person who may do `action`."""
    AS_A_PERSON[scope] = action


def offered() -> list[str]:
    """All scopes that a key can have."""
    return [*SCOPES, *AS_A_PERSON]


def digest(key: str) -> str:
    """SHA-256 in hex. The key has 256 random bits: a slow hash would guard nothing and cost each request."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def create(
    user: User, name: str, scopes: Sequence[str], campaign: str = "", acts_as: str = ""
) -> tuple[ApiClient, str]:
    """A new client and its key, which is nowhere else. Raises `NotAllowed` with a sentence.

    `acts_as`: the sign-in name of the person whose rights a key for cases has.
    """
    name = name.replace("\x00", "").strip()
    if not name:
        raise NotAllowed(_("Give the client a name."))
    wanted = [scope for scope in offered() if scope in scopes]
    if not wanted or set(scopes) - set(wanted):
        raise NotAllowed(_("Choose what the key may do."))
    person = _person(acts_as.strip(), [AS_A_PERSON[scope] for scope in wanted if scope in AS_A_PERSON])
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
            acts_as=person,
            created_by=user,
            created_at=timezone.now(),
        )
        record(
            user.actor,
            "client.created",
            f"client:{client.public_id}",
            scopes=wanted,
            acts_as=person.actor if person else "",
        )
    return client, key


def _person(login: str, actions: Sequence[str]) -> User | None:
    if not actions:
        if login:
            raise NotAllowed(_("Only a key for cases acts as a person."))
        return None
    if not login:
        raise NotAllowed(_("A key for cases acts as a person: name one."))
    person = User.objects.filter(username=login).first()
    if person is None or not all(policy.allowed(person, action) for action in actions):
        raise NotAllowed(_("There is no person of this name who may work on cases."))
    return person


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
    return ApiClient.objects.select_related("campaign", "created_by", "acts_as").order_by(
        "-revoked_at", "-pk"
    )
