"""Findings: what an analyst adds without a tip."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events, living, score
from tocsin.cases.models import Case, Finding
from tocsin.cases.working import locked, mark_worked_on
from tocsin.identifiers.catalogue_in_use import canonical_from
from tocsin.identifiers.extract import Found
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.identifiers.store import key_for, store
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.tips.sealed import open_identifier, seal_identifier

MOST = 20  # identifiers one entry may add: more is a pasted list, which belongs into a tip


def add(
    case: Case, user: User, text: str, note: str = "", role: MentionRole | str = MentionRole.UNKNOWN
) -> list[Finding]:
    """Add what `text` names: an address, "weibo: handle", several of them. New tips that name it join the case.

    An address also names its site: that one is added in the role "unknown", so that nobody reports a whole site
    by reporting a page of it. `note` is sealed. Raises `NotAllowed` with a sentence.
    """
    role = MentionRole(role)
    found = {key_for(one): one for one in canonical_from(text)}
    if not found:
        raise NotAllowed(_("Nothing in this names an account, a group, a site, an address or a number."))
    if len(found) > MOST:
        raise NotAllowed(_("This names more than %(most)d things: add them in parts.") % {"most": MOST})
    meant = _meant(list(found.values()))
    with write():
        row = locked(case)
        new = [one for key, one in found.items() if key not in _there(row)]
        if not new:
            raise NotAllowed(_("This is in the case already, as a finding: set its role in the table."))
        findings = [_row(row, user, one, note, role if one in meant else MentionRole.UNKNOWN) for one in new]
        Finding.objects.bulk_create(findings)
        mark_worked_on(row)
        living.written(row, [one.identifier for one in findings if one.identifier is not None])
        score.recount([row.pk])
        events.add(row, "finding", user.actor, ids=[one.public_id for one in findings])
        record(user.actor, "case.finding", row.audit_name, added=len(findings), role=role.value)
    return findings


def _meant(found: list[Found]) -> list[Found]:
    """Without what only comes along: a site beside an address on it."""
    hosts = {one.canonical.partition("/")[0] for one in found if one.kind == "url"}
    return [one for one in found if one.kind != "site" or one.canonical not in hosts]


def _there(case: Case) -> set[str]:
    """Keys of the findings that the case has, sealed ones too."""
    rows = list(Finding.objects.filter(case=case).select_related("identifier"))
    readable = {one.identifier.key for one in rows if one.identifier is not None}
    sealed = [open_identifier(one.identifier_sealed) for one in rows if one.identifier_sealed is not None]
    return readable | {key_for(Found(*triple, "", "", 0, 0, None, False, "")) for triple in sealed}


def _row(case: Case, user: User, one: Found, note: str, role: MentionRole) -> Finding:
    now, sealed = timezone.now(), role in SEALED_ROLES
    said = role != MentionRole.UNKNOWN
    return Finding(
        case=case,
        identifier=None if sealed else store([one])[key_for(one)],
        identifier_sealed=seal_identifier(one.kind, one.platform, one.canonical) if sealed else None,
        note_sealed=sealing.seal(note.strip()) if note.strip() else None,
        by=user,
        at=now,
        role=role,
        role_set_by=user if said else None,
        role_set_at=now if said else None,
    )
