"""Plans, dispatches and their items, holds, and the pages recipients answer on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tocsin.accounts.foureyes import FourEyes
from tocsin.accounts.models import User
from tocsin.cases.models import Case
from tocsin.directory.models import Recipient, Route
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.lib import sealing
from tocsin.lib.ids import public_id
from tocsin.post.models import Message


class Order(models.TextChoices):
    """Who hears first."""

    POLICE_FIRST = "police_first", _("Police first")
    TOGETHER = "together", _("Together")


class DispatchKind(models.TextChoices):
    """A notice goes to those who can remove, a referral to those who can protect or prosecute."""

    NOTICE = "notice", _("Notice")
    REFERRAL = "referral", _("Referral")


class Plan(models.Model):
    """Who is told, and in which order. Under "police first" notices wait until `released_at`."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans")
    order = models.CharField(max_length=12, choices=Order.choices)
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # NULL: drafted by software
    made_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # NULL: police answered
    released_why = models.CharField(max_length=30, default="", blank=True)
    category = models.CharField(max_length=20, null=True)  # noqa: DJ001 - see migration 0003; dispatch/categories.py
    supplement_to = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="supplements"
    )  # tells only what became known after that plan


class Dispatch(FourEyes):
    """One message to one recipient about some identifiers of a case, under four eyes.

    States: draft, proposed, rejected, approved, queued, sent, delivered | failed, acknowledged,
    acted | refused, withdrawn.
    """

    title = "dispatch"

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="dispatches")
    case = models.ForeignKey(Case, models.PROTECT, related_name="dispatches")
    kind = models.CharField(max_length=10, choices=DispatchKind.choices)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="dispatches")
    route = models.ForeignKey(Route, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=20, unique=True)  # this recipient's own; never the case number
    supplement_to = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+"
    )  # what the same recipient was told before
    language = models.CharField(max_length=10, default="en")
    words_sealed = models.BinaryField(null=True)  # the analyst's own words
    content_sealed = models.BinaryField(null=True)  # the exact MIME bytes that are approved and sent
    link_sealed = models.BinaryField(null=True)  # JSON: token and path of the reply link
    mailbox_tag = models.CharField(max_length=32, null=True, unique=True)  # noqa: DJ001 - NULL before it is rendered
    mailbox_key = models.BinaryField(max_length=32, null=True)
    link_expires_at = models.DateTimeField(null=True)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+")
    queued_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acted_at = models.DateTimeField(null=True)
    arrested_at = models.DateTimeField(null=True)
    last_answer = models.CharField(max_length=20, default="", blank=True)
    failure = models.CharField(max_length=30, null=True)  # noqa: DJ001 - see migration 0003; dispatch/failures.py
    rejection_sealed = models.BinaryField(null=True)  # why a second person did not approve

    class Meta(FourEyes.Meta):
        indexes = [
            models.Index(fields=["state"]),
            models.Index(
                fields=["id"],
                name="dispatches_to_follow",
                condition=Q(message__isnull=False, sent_at__isnull=True),
            ),
        ]

    def content(self) -> bytes:
        """The exact bytes that leave."""
        return sealing.open_bytes(self.content_sealed) if self.content_sealed else b""

    @property
    def audit_name(self) -> str:
        """How the audit names it."""
        return f"dispatch:{self.public_id}"


class DispatchItem(models.Model):
    """One identifier in a dispatch, and what its recipient answered about it.

    Only what a person confirmed as *reported* may be in a dispatch beyond a draft (trigger in the migration).
    """

    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="items")
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="+")
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    role = models.CharField(max_length=10, choices=MentionRole.choices, default=MentionRole.UNKNOWN)
    role_confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=20, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    reason_sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "identifier"], name="one_item_each"),
            models.CheckConstraint(
                name="item_reported_by_a_person",
                condition=~Q(role="reported") | Q(role_confirmed_by__isnull=False),
            ),
        ]


class SupplementLook(models.Model):
    """How many lines of a case's timeline were there when it was last asked whether a supplement is due."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="supplement_look")
    events_seen = models.PositiveIntegerField()
    at = models.DateTimeField()


class Hold(models.Model):
    """Police ask for silence about identifiers. It binds everything that touches them (design 5.4).

    When `until` passes nothing leaves by itself: it stays until `lifted_at`, and a person is asked.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    from_dispatch = models.ForeignKey(Dispatch, models.PROTECT, null=True, related_name="holds")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # by phone: two people
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField()
    set_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=80, default="", blank=True)
    identifiers = models.ManyToManyField(Identifier, through="HoldIdentifier", related_name="holds")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hold_from_page_or_two_people",
                condition=Q(from_dispatch__isnull=False)
                | (
                    Q(recorded_by__isnull=False)
                    & (Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("recorded_by")))
                ),
            )
        ]


class HoldIdentifier(models.Model):
    """One identifier under one hold; lifted in part by setting `lifted_at` here."""

    hold = models.ForeignKey(Hold, models.CASCADE)
    identifier = models.ForeignKey(Identifier, models.PROTECT)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hold", "identifier"], name="one_hold_each")]


class PageCopy(models.Model):
    """What the door shows to the holder of a recipient's link: sealed by the worker for the link's key."""

    tag = models.CharField(max_length=32, unique=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField()
    updated_at = models.DateTimeField()


class Answer(models.Model):
    """What a recipient posted, sealed for the hotline by the door. `nonce`: a form answered twice counts once."""

    nonce = models.CharField(max_length=64, unique=True)
    tag = models.CharField(max_length=32, db_index=True)
    sealed = models.BinaryField()
    received_at = models.DateTimeField()


class AnswerRead(models.Model):
    """That an answer was worked on, and with what result."""

    answer = models.OneToOneField(Answer, models.CASCADE)
    dispatch = models.ForeignKey(Dispatch, models.PROTECT, null=True, related_name="answers_read")
    result = models.CharField(max_length=40)
    at = models.DateTimeField()
