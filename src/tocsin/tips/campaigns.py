"""Campaigns: a campaigner's own way in, and what a campaigner passes on.

A campaigner sees neither tips nor cases: totals only (statistics/). What was sent to them privately they pass on;
each message becomes a tip, and a one-time link gives its mailbox to whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import Role, User
from tocsin.audit.record import record, record_many
from tocsin.identifiers import bystanders
from tocsin.identifiers.catalogue_in_use import extract
from tocsin.lib import mailbox
from tocsin.lib.writing import write
from tocsin.tips import paste
from tocsin.tips.accept import Incoming, Refused, accept, check
from tocsin.tips.campaign_names import NAME
from tocsin.tips.imports.run import Summary, run
from tocsin.tips.imports.source import Options, Unclear
from tocsin.tips.models import Campaign, HandOver, Tip

MOST = 500  # messages that are passed on at once


@dataclass(frozen=True, slots=True)
class Passed:
    """One message that was passed on: its first words (never stored), its tip, and the link to send back."""

    shown: str
    public_id: str
    link: str


FORMATS: list[tuple[str, str | Promise]] = [
    ("telegram", gettext_lazy("Telegram Desktop: result.json")),
    ("whatsapp", gettext_lazy("WhatsApp: exported chat, .txt")),
    ("jsonl", gettext_lazy("JSON lines")),
    ("csv", gettext_lazy("Table, .csv with a column named text")),
    ("paste", gettext_lazy("A conversation as text")),
]


def of(user: User) -> QuerySet[Campaign]:
    """The campaigns that a person may see: a campaigner the own ones, everybody else all."""
    rows = Campaign.objects.select_related("owner").order_by("-active", "name")
    return rows.filter(owner=user) if user.role == Role.CAMPAIGNER else rows


def create(user: User, name: str, heading: str, owner: str = "", accounts: str = "") -> Campaign:
    """A new campaign. `accounts` is a text with the campaigner's own accounts: proposed as bystanders (four eyes).

    Raises `NotAllowed` with a sentence for a name that cannot be used or an owner that is not a campaigner.
    """
    name, heading = name.strip().lower(), heading.strip()
    if not NAME.fullmatch(name):
        raise NotAllowed(_("The name in the link has 3 to 40 characters: a to z, 0 to 9 and hyphens."))
    if not heading:
        raise NotAllowed(_("Give the campaign a title."))
    keeper = (
        User.objects.filter(username=owner.strip(), role=Role.CAMPAIGNER).first() if owner.strip() else None
    )
    if owner.strip() and keeper is None:
        raise NotAllowed(_("There is no campaigner with this login."))
    with write():
        if Campaign.objects.filter(name=name).exists():
            raise NotAllowed(_("There is a campaign with this name already."))
        campaign = Campaign.objects.create(
            name=name, title=heading[:120], owner=keeper, created_by=user, created_at=timezone.now()
        )
        record(user.actor, "campaign.created", f"campaign:{campaign.public_id}")
        for found in extract(accounts).identifiers:
            triple = (found.kind, found.platform, found.canonical)
            if found.strength != "hub" and not bystanders.covers(*triple):
                bystanders.propose(user, triple, heading, "campaigner", f"campaign:{campaign.public_id}")
    return campaign


def set_active(user: User, campaign: Campaign, on: bool) -> None:
    """End a campaign or let it run again; its tips stay what they are."""
    with write():
        if Campaign.objects.filter(pk=campaign.pk, active=not on).update(active=on):
            action = "campaign.resumed" if on else "campaign.ended"
            record(user.actor, action, f"campaign:{campaign.public_id}")


def link(campaign: Campaign) -> str:
    """The address that a campaigner publishes."""
    return f"{settings.PUBLIC_URL}/c/{campaign.name}"


def pass_on(user: User, campaign: Campaign, text: str, *, each: bool) -> list[Passed]:
    """Make tips of what was sent to a campaigner: one, or with `each` one a message of a pasted conversation.

    Nothing is stored if one of them cannot be: `NotAllowed` says which and why.
    """
    items = _items(text, each)
    if not items:
        raise NotAllowed(_("Paste what was sent to you."))
    if len(items) > MOST:
        raise NotAllowed(_("At most %(most)s messages can be passed on at once.") % {"most": MOST})
    ready = [
        replace(item, source="campaign", campaign_id=campaign.pk, taken_by_id=user.pk, quiet=True)
        for item in items
    ]
    for number, item in enumerate(ready, 1):
        try:
            check(item)
        except Refused as refused:
            where = {"number": number, "reason": refused.reason}
            raise NotAllowed(_("Message %(number)s cannot be taken (%(reason)s).") % where) from None
    accepted = accept(ready, user.actor)
    tokens = hand_over(user, [one.public_id for one in accepted])
    return [
        Passed(item.text.strip()[:60], one.public_id, f"{settings.PUBLIC_URL}/h/{token}")
        for item, one, token in zip(ready, accepted, tokens, strict=True)
    ]


def bring(
    user: User, campaign: Campaign, content: bytes, form: str, timezone_name: str = "", date_order: str = ""
) -> Summary:
    """Import a chat's export that a campaigner was sent: each message a quiet tip of the campaign, each only once.

    `content`: the file's bytes, never on a disk unsealed. `NotAllowed` with a sentence where it cannot be read as
    that format, or needs a time zone or the order of dates.
    """
    if not campaign.active:
        raise NotAllowed(_("This campaign is ended."))
    if form not in dict(FORMATS):
        raise NotAllowed(_("Choose what kind of file it is."))
    try:
        return run(
            content, form, Options(timezone_name.strip(), date_order, {}), user.actor, campaign.pk, user.pk
        )
    except Unclear as error:
        raise NotAllowed(str(error).replace("--timezone ", "").replace("--date-order ", "")) from None


def _items(text: str, each: bool) -> list[Incoming]:
    if not each:
        return [Incoming(text=text)] if text.strip() else []
    found = [line.incoming for line in paste.parse(text)]
    return [item for item in found if item is not None and item.text.strip()]


def hand_over(user: User, public_ids: Sequence[str]) -> list[str]:
    """One-time links' tokens, one a tip: shown once, only their tags are kept."""
    tokens = [mailbox.new_token() for _id in public_ids]
    now = timezone.now()
    with write():
        tips = dict(Tip.objects.filter(public_id__in=public_ids).values_list("public_id", "pk"))
        HandOver.objects.bulk_create(
            HandOver(tag=mailbox.tag(token), tip_id=tips[name], made_by=user, made_at=now)
            for name, token in zip(public_ids, tokens, strict=True)
        )
        record_many((user.actor, "tip.link_made", f"tip:{name}", {}) for name in public_ids)
    return tokens
