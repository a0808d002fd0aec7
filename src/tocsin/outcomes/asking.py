"""A person writes to the reporters of a case; never under a hold, wherever it was set."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import allowed
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, CaseState
from tocsin.lib.writing import write
from tocsin.tips import messages
from tocsin.tips.messages import ASK, TEXT, Box
from tocsin.tips.models import Consent, Message, ReporterCopy, Tip

BOXES_SHOWN = 20  # mailboxes that the panel names; the others are reached from their tips


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A mailbox of the case in which something was written: by its newest tip."""

    tip: Tip
    written: int
    unread: int


def ask(case: Case, text: str, kind: str, user: User, token: str = "") -> int:
    """Write to every reporter of the case who holds a receipt, or ask them about their contact; to how many.

    Raises `NotAllowed` with a sentence: under a hold, without anybody to write to, or by somebody who may not.
    """
    if not allowed(user, "reporter.write"):
        raise NotAllowed(_("You may not write to reporters."))
    with write():
        if case.state == CaseState.MERGED:
            raise NotAllowed(_("This case was merged into another one."))
        tips = list(Tip.objects.filter(case_tip__case=case).order_by("pk"))
        if not tips:
            raise NotAllowed(_("No tip belongs to this case: there is nobody to tell."))
        if kind == ASK:
            sent = messages.ask_consent(tips, text, user, token)
        else:
            sent = messages.send((Box.of(tip) for tip in tips), text, user, token=token)
        if sent:
            what = "consent" if kind == ASK else TEXT
            events.add(case, "reporters_asked", user.actor, tips=sent, asked=what)
            record(user.actor, "reporters.asked", case.audit_name, boxes=sent, asked=what)
    return sent


def boxes(case: Case) -> list[BoxLine]:
    """The mailboxes of the case in which something was written, those with unread answers first."""
    tips = Tip.objects.filter(case_tip__case=case).exclude(box_tag="")
    written = tips.filter(Exists(Message.objects.filter(box_tag=OuterRef("box_tag"))))
    newest = {tip.box_tag: tip for tip in written.order_by("pk")}
    groups = Message.objects.filter(box_tag__in=written.values("box_tag")).values("box_tag").order_by()
    counts = groups.annotate(n=Count("pk"), new=Count("pk", filter=Q(outward=False, read_at__isnull=True)))
    lines = [BoxLine(newest[row["box_tag"]], row["n"], row["new"]) for row in counts]
    return sorted(lines, key=lambda line: (-line.unread, -line.tip.pk))


def reachable(case: Case) -> int:
    """How many mailboxes of the case have a receipt that somebody was given."""
    tags = Tip.objects.filter(case_tip__case=case).exclude(box_tag="").values("box_tag")
    return ReporterCopy.objects.filter(box_tag__in=tags).values("box_tag").distinct().count()


def may_ask_contacts(case: Case) -> bool:
    """Whether a reporter of the case left a contact and did not answer yet whether it may go to police."""
    left = Tip.objects.filter(case_tip__case=case, contact_sealed__isnull=False)
    return left.filter(contact_consent__in=("", Consent.ASKED)).exists()
