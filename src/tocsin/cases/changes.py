"""What people do to the partition of tips into cases: merge, split, move, detach, cut; and undo each of them.

Every act is one `Change` with actor and reason; what it moved is remembered row by row, so that undoing it brings
back exactly that. An undo is refused, with a sentence, where something was built upon it since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import cutting, events, flags, moving, proposals, score, undoing
from tocsin.cases.dividing import divide, made
from tocsin.cases.merge import heir_of
from tocsin.cases.merge import merge as merge_rows
from tocsin.cases.models import Case, CaseTip, Change, Detached, Finding, MergeProposal
from tocsin.cases.numbers import gate
from tocsin.cases.working import locked, mark_worked_on
from tocsin.identifiers.models import Identifier
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.tips.models import Mention


@dataclass(frozen=True, slots=True)
class Line:
    """A change as a page tells it; `why_not` is empty where it may be undone."""

    change: Change
    sentence: str
    reason: str
    may_undo: bool
    why_not: str


def merge(one: Case, other: Case, user: User, reason: str) -> Change | MergeProposal:
    """These two cases are one. Where people worked on both, it is proposed and a second person decides."""
    with write():
        gate()
        first, second = _two(one, other)
        if first.worked_on and second.worked_on:
            return proposals.propose(first, second, user, reason)
        return merge_now(first, second, user.actor, _sealed(reason))


def merge_now(one: Case, other: Case, actor: str, reason_sealed: bytes | memoryview | None) -> Change:
    """Merge two live, locked cases; a person's merge is work. Inside `with write():`, behind the gate."""
    heir = heir_of([one, other])
    change = merge_rows(heir, other if heir == one else one, actor, reason_sealed)
    mark_worked_on(heir)
    score.recount([heir.pk])
    return change


def _two(one: Case, other: Case) -> tuple[Case, Case]:
    """Both as they are now, locked, older first. `NotAllowed` where they are one already."""
    first, second = sorted((locked(one), locked(other)), key=lambda case: case.pk)
    if first == second:
        raise NotAllowed(_("These are one case already: case %(number)s.") % {"number": first.number})
    return first, second


def split(case: Case, tip_public_ids: Sequence[str], user: User, reason: str) -> Change:
    """These tips become a case of their own (`change.other`); at least one tip stays."""
    with write():
        gate()
        row = locked(case)
        places = _places(row, tip_public_ids)
        if len(places) == row.case_tips.count():
            raise NotAllowed(_("At least one tip has to stay: nothing would be split."))
        return divide(row, places, "split", user.actor, _sealed(reason))


def move(case: Case, tip_public_id: str, to: Case, user: User, reason: str) -> Change:
    """One tip goes to another case."""
    with write():
        gate()
        source, target = locked(case), locked(to)
        if source == target:
            raise NotAllowed(_("The tip is in that case already."))
        (place,) = _places(source, [tip_public_id])
        if source.case_tips.count() == 1:
            raise NotAllowed(_("This is the only tip of the case: merge the two cases instead."))
        change = made("move", source, user.actor, _sealed(reason), other=target)
        moving.move_tips(change, [place], source, target)
        for one, kind, number in ((source, "moved_out", target.number), (target, "moved_in", source.number)):
            events.add(one, kind, user.actor, number=number, ids=[tip_public_id], change=change.public_id)
        record(user.actor, "case.move", source.audit_name, into=target.number, tip=tip_public_id)
        for one in (source, target):
            mark_worked_on(one)
        score.recount([source.pk, target.pk])
    return change


def detach(case: Case, identifier_public_id: str, user: User, reason: str) -> Change:
    """From now on this identifier joins nothing in this case; tips that are there stay (`cut` parts them)."""
    with write():
        gate()
        row = locked(case)
        identifier = _named(row, identifier_public_id)
        if Detached.objects.filter(case=row, identifier=identifier).exists():
            raise NotAllowed(_("It joins nothing in this case already."))
        change = made("detach", row, user.actor, _sealed(reason), identifier=identifier)
        Detached.objects.create(case=row, identifier=identifier, change=change)
        mark_worked_on(row)
        events.add(row, "detached", user.actor, ids=[identifier_public_id], change=change.public_id)
        record(user.actor, "case.detach", row.audit_name, identifier=identifier_public_id)
    return change


def cut(case: Case, user: User, reason: str) -> list[Change]:
    """Part a case along its links as they are now: each piece that nothing joins any more becomes a case.

    The piece with most tips keeps the number. For a case that a late-found hub or a detached identifier glued.
    Tips that no link ever joined (put there by a person) stay. Empty where everything still hangs together.
    """
    with write():
        gate()
        changes = cutting.part(locked(case), user.actor, _sealed(reason))
        for flag in flags.of_case(case):
            if changes and flag.kind == flags.GLUED:
                flags.settle(flag.public_id, user)
    return changes


def undo(change_public_id: str, user: User) -> Change:
    """Take a change back: what it moved goes back. `NotAllowed` with a sentence where it is built upon."""
    with write():
        gate()
        change = Change.objects.select_for_update().filter(public_id=change_public_id).first()
        if change is None:
            raise NotAllowed(_("There is no such change."))
        undoing.undo(change, user.actor)
    return change


def of_case(case: Case) -> list[Line]:
    """The changes of a case, the newest first, each in words."""
    mine = Change.objects.filter(case=case) | Change.objects.filter(other=case)
    found = mine.select_related("case", "other", "identifier").order_by("-at", "-pk")[:50]
    lines = []
    for change in found:
        why_not = undoing.why_not(change)
        lines.append(
            Line(change, in_words(change), sealing.unseal(change.reason_sealed), not why_not, why_not)
        )
    return lines


def in_words(change: Change) -> str:
    """What was done, in a sentence without its end."""
    other = change.other.number if change.other else ""
    loose = change.before.get("loose")
    tips = len(loose) if loose else change.rows.filter(model="cases.CaseTip").count()
    words = {
        "n": ngettext("%(n)d tip", "%(n)d tips", tips) % {"n": tips},
        "case": change.case.number,
        "other": other,
    }
    templates = {
        "merge": _("Case %(other)s merged into %(case)s: %(n)s"),
        "split": _("%(n)s split from %(case)s: case %(other)s"),
        "loose": _("%(n)s left %(case)s: nothing joins them to anything"),
        "cut": _("%(n)s cut from %(case)s, as nothing joins them any more: case %(other)s"),
        "move": _("%(n)s moved from %(case)s to %(other)s"),
        "detach": _("An identifier was detached: it joins nothing in %(case)s"),
    }
    return templates["loose" if loose else change.kind] % words


def _sealed(reason: str) -> bytes | None:
    if not reason.strip():
        raise NotAllowed(_("Say why, in a few words: whoever undoes it later wants to know."))
    return sealing.seal(reason.strip())


def _places(case: Case, tip_public_ids: Iterable[str]) -> list[CaseTip]:
    wanted = list(dict.fromkeys(tip_public_ids))
    rows = case.case_tips.filter(tip__public_id__in=wanted).select_related("tip").order_by("tip_id")
    places = list(rows)
    if not wanted:
        raise NotAllowed(_("Choose at least one tip."))
    if len(places) < len(wanted):
        raise NotAllowed(_("A tip is not in this case any more: look at the page again."))
    return places


def _named(case: Case, public_id: str) -> Identifier:
    """The identifier, if the case names it readably."""
    identifier = Identifier.objects.filter(public_id=public_id).first()
    if identifier is not None and (
        Mention.objects.filter(tip__case_tip__case=case, identifier=identifier).exists()
        or Finding.objects.filter(case=case, identifier=identifier).exists()
    ):
        return identifier
    raise NotAllowed(_("This identifier is not in the case: look at the page again."))
