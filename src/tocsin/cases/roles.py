"""The role of an identifier in a case, set by a person: for all its mentions and findings there at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events, score, stating
from tocsin.cases.contents import sealed_mentions
from tocsin.cases.models import Case, Finding
from tocsin.cases.working import locked
from tocsin.identifiers.extract import Found
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.identifiers.store import store
from tocsin.lib.writing import write
from tocsin.linking.link import follow_roles, unlink
from tocsin.tips import mentions as tip_mentions
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier, seal_identifier


@dataclass(slots=True)
class _Target:
    """Everything in one case that names one identifier: readable, or sealed."""

    identifier: Identifier | None
    mentions: list[Mention] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def set_role(case: Case, public_id: str, role: MentionRole | str, user: User) -> None:
    """Say what an identifier is to this case. `public_id`: the identifier's, or a sealed mention's or finding's.

    Child and reporter: its links go, it is sealed wherever this case names it, and it can enter no dispatch.
    What other cases say about the same identifier stays. Raises `NotAllowed` where the case does not name it.
    """
    role = MentionRole(role)
    with write():
        row = locked(case)
        target = _readable(row, public_id) or _sealed(row, public_id)
        if target is None:
            raise NotAllowed(_("This identifier is not in the case: look at the page again."))
        _findings(target, role, user)
        _mentions(target, role, user)
        if target.identifier is not None and role in SEALED_ROLES:
            stating.let_go(row.pk, target.identifier.pk)
            tip_mentions.drop_if_unused(target.identifier)
        score.follow_reading([mention.tip_id for mention in target.mentions])
        if target.findings:
            score.recount([row.pk])
        events.add(row, "role", user.actor, role=role.value)
        named = len(target.mentions) + len(target.findings)
        record(user.actor, "case.role", row.audit_name, role=role.value, named=named)


def _readable(case: Case, public_id: str) -> _Target | None:
    identifier = Identifier.objects.filter(public_id=public_id).first()
    if identifier is None:
        return None
    mentions = list(Mention.objects.filter(tip__case_tip__case=case, identifier=identifier).order_by("pk"))
    findings = list(Finding.objects.filter(case=case, identifier=identifier))
    return _Target(identifier, mentions, findings) if mentions or findings else None


def _sealed(case: Case, public_id: str) -> _Target | None:
    """All that hides the same identifier as the mention or finding of this name."""
    mentions = list(sealed_mentions(case))
    findings = list(Finding.objects.filter(case=case, identifier__isnull=True))
    hidden = [(one.public_id, one.identifier_sealed) for one in mentions]
    hidden += [(one.public_id, one.identifier_sealed) for one in findings]
    inside = {public_id: open_identifier(sealed or b"") for public_id, sealed in hidden}
    triple = inside.get(public_id)
    if triple is None:
        return None
    return _Target(
        None,
        [one for one in mentions if inside[one.public_id] == triple],
        [one for one in findings if inside[one.public_id] == triple],
    )


def _mentions(target: _Target, role: MentionRole, user: User) -> None:
    """Sealing goes through the tips room, row by row; a role that stays readable is set at once."""
    if target.identifier is not None and role not in SEALED_ROLES:
        ids = [mention.pk for mention in target.mentions]
        Mention.objects.filter(pk__in=ids).update(role=role, role_set_by=user, role_set_at=timezone.now())
        follow_roles(Mention.objects.filter(pk__in=ids))
        return
    if target.identifier is not None:
        unlink([mention.tip_id for mention in target.mentions], target.identifier)
    changed = [tip_mentions.set_role(mention, role, user) for mention in target.mentions]
    follow_roles(changed)


def _findings(target: _Target, role: MentionRole, user: User) -> None:
    for finding in target.findings:
        fields = ["role", "role_set_by", "role_set_at"]
        if (role in SEALED_ROLES) is (finding.identifier is not None):
            _turn(finding)
            fields += ["identifier", "identifier_sealed"]
        finding.role, finding.role_set_by, finding.role_set_at = role, user, timezone.now()
        finding.save(update_fields=fields)


def _turn(finding: Finding) -> None:
    """Seal what is readable, or the other way round."""
    if finding.identifier is not None:
        one = finding.identifier
        finding.identifier_sealed = seal_identifier(one.kind, one.platform, one.canonical)
        finding.identifier = None
        return
    triple = open_identifier(finding.identifier_sealed or b"")
    found = Found(*triple, "handle", triple[2], 0, 0, None, False, "finding")
    finding.identifier = store([found])[key_of(*triple)]
    finding.identifier_sealed = None
