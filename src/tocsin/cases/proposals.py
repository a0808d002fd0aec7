"""Two cases that people worked on share something: software drafts a merge, a person proposes it, another approves."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import APPROVERS
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, Change, MergeProposal
from tocsin.cases.numbers import gate
from tocsin.cases.working import locked
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.tips.models import Tip

WAITING = ("draft", "proposed")


def draft(one: Case, other: Case, because: Iterable[str], tip: Tip | None) -> bool:
    """Software's own proposal: these identifiers (public ids) join both. Inside `with write():`, behind the gate.

    Nothing where one waits, where people parted the two before, or where they declined the same evidence.
    """
    first, second = sorted((one, other), key=lambda case: case.pk)
    names = sorted(because)
    known = MergeProposal.objects.filter(one=first, other=second)
    if known.filter(state__in=WAITING).exists():
        return False
    declined = {
        name for names in known.filter(state="rejected").values_list("because", flat=True) for name in names
    }
    if known.filter(state="rejected").exists() and set(names) <= declined:
        return False
    row = MergeProposal.objects.create(
        one=first, other=second, because=names, tip=tip, made_at=timezone.now()
    )
    _tell(row, "worker", "merge_drafted")
    return True


def propose(one: Case, other: Case, user: User, reason: str) -> MergeProposal:
    """A person says that two cases, both worked on, are one. Cases locked, older first; inside `with write():`."""
    if not reason.strip():
        raise NotAllowed(_("Say why, in a few words: whoever undoes it later wants to know."))
    row = MergeProposal.objects.filter(one=one, other=other, state__in=WAITING).first()
    row = row or MergeProposal(one=one, other=other, made_at=timezone.now())
    if row.state == "proposed":
        raise NotAllowed(_("This merge waits for a second person already."))
    row.reason_sealed = sealing.seal(reason.strip())
    row.mark_proposed(user)
    row.save()
    _tell(row, user.actor, "merge_proposed")
    return row


def agree(item: MergeProposal, user: User, reason: str = "") -> None:
    """A person takes up software's draft: from now on it waits for a second person."""
    with write():
        row = MergeProposal.objects.select_for_update().get(pk=item.pk)
        if row.state != "draft":
            raise NotAllowed(_("Somebody has answered this already."))
        row.reason_sealed = sealing.seal(reason.strip()) if reason.strip() else None
        row.save(update_fields=["reason_sealed", *row.mark_proposed(user)])
        _tell(row, user.actor, "merge_proposed")


def approve(item: MergeProposal, user: User, digest: str) -> Change:
    """Another person approves: the cases become one in the same transaction."""
    from tocsin.cases.changes import merge_now

    _may(user)
    with write():
        gate()
        row = MergeProposal.objects.select_for_update().get(pk=item.pk)
        one, other = locked(row.one), locked(row.other)
        if one == other:
            raise NotAllowed(_("These are one case already: case %(number)s.") % {"number": one.number})
        if {one.pk, other.pk} != {row.one_id, row.other_id}:
            raise NotAllowed(_("One of the cases was merged since: look at both again."))
        row.save(update_fields=row.mark_approved(user, digest))
        record(user.actor, "merge.approved", f"proposal:{row.public_id}")
        return merge_now(one, other, user.actor, row.reason_sealed)


def reject(item: MergeProposal, user: User, reason: str = "") -> None:
    """They stay apart. One person may decline software's draft; a colleague's proposal needs an approver."""
    with write():
        row = MergeProposal.objects.select_for_update().get(pk=item.pk)
        if row.state not in WAITING:
            raise NotAllowed(_("This is no longer waiting for approval."))
        if row.state == "proposed":
            _may(user)
        row.state = "rejected"
        row.rejection_sealed = sealing.seal(reason.strip()) if reason.strip() else None
        row.save(update_fields=["state", "rejection_sealed"])
        _tell(row, user.actor, "merge_declined")


def _may(user: User) -> None:
    if user.role not in APPROVERS:
        raise NotAllowed(_("You may propose this, but another person has to approve it."))


def _tell(row: MergeProposal, actor: str, kind: str) -> None:
    for case, other in ((row.one, row.other), (row.other, row.one)):
        events.add(case, kind, actor, number=other.number, ids=list(row.because))
    record(actor, f"case.{kind}", row.one.audit_name, other=row.other.number, proposal=row.public_id)


def waiting() -> QuerySet[MergeProposal]:
    """Software's drafts and people's proposals of live cases, the oldest first."""
    rows = MergeProposal.objects.filter(state__in=WAITING, one__merged_into=None, other__merged_into=None)
    return rows.select_related("one", "other", "tip", "proposed_by").order_by("made_at", "pk")


def of_case(case: Case) -> list[MergeProposal]:
    """What waits for this case."""
    return list(waiting().filter(Q(one=case) | Q(other=case)))


def describe(item: MergeProposal) -> str:
    """One line for the list of approvals."""
    return _("Merge case %(other)s and case %(one)s") % {"one": item.one.number, "other": item.other.number}
