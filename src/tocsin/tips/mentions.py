"""The role of a mention, set by a person. Sealing follows the role, both ways."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.identifiers.extract import Found
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.identifiers.store import store
from tocsin.lib.writing import write
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier, seal_identifier


def set_role(mention: Mention, role: MentionRole | str, user: User) -> Mention:
    """Say what the named thing is to this tip; the row as it is now is returned.

    Child and reporter: the identifier moves into the mention, sealed, and its readable row is deleted unless
    another mention, link, finding or dispatch uses it (rooms above drop their own rows first). Any other role
    takes it out again. Setting the same role again confirms what software proposed.
    """
    role = MentionRole(role)
    with write():
        row = Mention.objects.select_for_update().get(pk=mention.pk)
        before, left = row.role, None
        if role in SEALED_ROLES and row.identifier is not None:
            left = row.identifier
            row.identifier_sealed = seal_identifier(left.kind, left.platform, left.canonical)
            row.identifier = None
        elif role not in SEALED_ROLES and row.identifier_sealed is not None:
            row.identifier = _readable(row)
            row.identifier_sealed = None
        row.role, row.role_set_by, row.role_set_at = role, user, timezone.now()
        row.save(update_fields=["identifier", "identifier_sealed", "role", "role_set_by", "role_set_at"])
        if left is not None:
            drop_if_unused(left)
        record(user.actor, "mention.role", f"mention:{row.public_id}", before=before, after=role.value)
    return row


def drop_if_unused(identifier: Identifier) -> bool:
    """Delete the readable row if nothing points to it any more."""
    try:
        with transaction.atomic():
            identifier.delete()
    except ProtectedError:
        return False
    return True


def _readable(row: Mention) -> Identifier:
    triple = open_identifier(row.identifier_sealed or b"")
    found = Found(*triple, row.strength, triple[2], row.start, row.end, None, False, row.rule)
    return store([found])[key_of(*triple)]
