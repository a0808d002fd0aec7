"""Four eyes over exact bytes: one person proposes, another approves or rejects (design 5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases.models import Case, Lane
from tocsin.directory.queries import usable_route
from tocsin.dispatch import categories, render
from tocsin.dispatch.guard import check_words, still_reported
from tocsin.dispatch.models import Dispatch, DispatchKind, Plan
from tocsin.dispatch.places import place_for
from tocsin.dispatch.timeline import tell
from tocsin.lib import mailbox, sealing, signing
from tocsin.lib.writing import write
from tocsin.review.models import Verdict

ILLEGAL = (Verdict.BASELINE, Verdict.NATIONAL)


def propose(what: Plan | Iterable[Dispatch], user: User) -> list[Dispatch]:
    """Render the exact bytes of each draft, make its reply link, and put it before another person.

    All of them or none. Raises `NotAllowed` with a sentence: no confirmed route, an item that no person
    confirmed as reported, a case that is not assessed, words that name somebody who is protected.
    """
    rows = list(what.dispatches.filter(state="draft")) if isinstance(what, Plan) else list(what)
    if not rows:
        raise NotAllowed(_("There is no draft to propose."))
    with write():
        for dispatch in rows:
            _propose(dispatch, user)
        Case.objects.filter(pk__in={row.case_id for row in rows}).update(worked_on=True)
    return rows


def _propose(dispatch: Dispatch, user: User) -> None:
    if dispatch.state != "draft" or dispatch.plan.made_by_id is None:
        raise NotAllowed(_("This is a draft by software or was proposed already: make a plan."))
    _check(dispatch)
    route = usable_route(dispatch.recipient)
    if route is None:
        raise NotAllowed(
            _("No person has confirmed a route to %(name)s: confirm one on its page first.")
            % {"name": dispatch.recipient.name}
        )
    now = timezone.now()
    expires = now + timedelta(days=settings.REPLY_LINK_DAYS)
    token = mailbox.new_token()
    path = "/r/" + signing.link(token, int(expires.timestamp()))
    dispatch.route, dispatch.link_expires_at = route, expires
    dispatch.link_sealed = sealing.seal_json({"token": token, "path": path})
    dispatch.mailbox_tag, dispatch.mailbox_key = mailbox.tag(token), mailbox.public_key(token)
    draft = as_draft(dispatch, settings.PUBLIC_URL + path)
    dispatch.content_sealed = sealing.seal_bytes(render.mime(draft, route.address))
    fields = ["route", "link_expires_at", "link_sealed", "mailbox_tag", "mailbox_key", "content_sealed"]
    dispatch.save(update_fields=fields + dispatch.mark_proposed(user))
    tell(dispatch, "proposed", user.actor)
    record(user.actor, "dispatch.proposed", dispatch.audit_name, digest=dispatch.digest)


def as_draft(dispatch: Dispatch, link: str) -> render.Draft:
    """All that the text is made of, read from the rows."""
    items = [
        render.Item(row.public_id, row.identifier) for row in dispatch.items.select_related("identifier")
    ]
    plan = dispatch.plan
    cities = dispatch.recipient.cities
    return render.Draft(
        kind=dispatch.kind,
        recipient=dispatch.recipient,
        reference=dispatch.reference,
        language=dispatch.language,
        items=items,
        category=categories.category(plan.category),
        urgent=dispatch.case.lane == Lane.IMMEDIATE,
        words=sealing.unseal(dispatch.words_sealed),
        link=link,
        expires=dispatch.link_expires_at,
        when=dispatch.proposed_at or timezone.now(),
        order=plan.order,
        place=place_for(dispatch.case, cities[0] if len(cities) == 1 else "")
        if dispatch.kind == DispatchKind.REFERRAL
        else None,
        supplement_to=dispatch.supplement_to.reference if dispatch.supplement_to else "",
    )


def _check(dispatch: Dispatch) -> None:
    """The reasons for which nothing may be proposed, beside the database's own."""
    latest = dispatch.case.assessments.order_by("-at", "-pk").first()
    verdict = latest.verdict if latest else ""
    if dispatch.kind == DispatchKind.NOTICE and verdict not in ILLEGAL:
        raise NotAllowed(_("A notice says that a person assessed the case as illegal: assess it first."))
    urgent = dispatch.case.lane == Lane.IMMEDIATE
    if dispatch.kind == DispatchKind.REFERRAL and (verdict == Verdict.NOT_ILLEGAL or not (verdict or urgent)):
        raise NotAllowed(
            _("Assess the case before police are told; only a child in danger now does not wait.")
        )
    if not still_reported(dispatch):
        raise NotAllowed(_("Only identifiers that a person marked as reported can be told to anybody."))
    check_words(dispatch)


def approve(dispatch: Dispatch, user: User, digest: str) -> Dispatch:
    """Approve exactly the bytes that were seen. Raises `NotAllowed` with a sentence."""
    if not policy.allowed(user, "approvals.decide"):
        raise NotAllowed(_("You may not approve: ask a reviewer or a coordinator."))
    with write():
        row = Dispatch.objects.select_for_update(of=("self",)).get(pk=dispatch.pk)
        if not still_reported(row):
            raise NotAllowed(
                _("An identifier in it is no longer marked as reported: reject it and plan again.")
            )
        row.save(update_fields=row.mark_approved(user, digest))
        tell(row, "approved", user.actor)
        record(user.actor, "dispatch.approved", row.audit_name, digest=row.digest)
    return row


def reject(dispatch: Dispatch, user: User, reason: str) -> Dispatch:
    """Do not approve; the reason is kept sealed. The items may be planned again."""
    if not policy.allowed(user, "approvals.decide"):
        raise NotAllowed(_("You may not reject: ask a reviewer or a coordinator."))
    with write():
        row = Dispatch.objects.select_for_update(of=("self",)).get(pk=dispatch.pk)
        if row.state != "proposed":
            raise NotAllowed(_("This is no longer waiting for approval."))
        row.state = "rejected"
        row.rejection_sealed = sealing.seal(reason.strip()) if reason.strip() else None
        row.save(update_fields=["state", "rejection_sealed"])
        tell(row, "rejected", user.actor)
        record(user.actor, "dispatch.rejected", row.audit_name)
    return row
