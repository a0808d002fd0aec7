"""Tips as they came (sealed), what was read in them, and the reporter's copy of the state."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tocsin.accounts.models import User
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.lib.ids import public_id


class TipState(models.TextChoices):
    """received -> opened -> actionable | not actionable -> closed."""

    RECEIVED = "received"
    OPENED = "opened"
    ACTIONABLE = "actionable"
    NOT_ACTIONABLE = "not_actionable"
    CLOSED = "closed"


class Tip(models.Model):
    """One tip. Everything a person wrote is sealed; times, codes and states are plain (design 5.1)."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    source = models.CharField(max_length=20)  # web, process, chat, email
    mailbox_tag = models.CharField(max_length=32, unique=True)  # derived from the receipt
    mailbox_key = models.BinaryField(max_length=32)  # public half of the receipt's key
    sent_tag = models.CharField(max_length=32, default="", db_default="", blank=True)  # tells a retry
    narrative_sealed = models.BinaryField()
    contact_sealed = models.BinaryField(null=True)
    contact_tag = models.CharField(max_length=32, default="", blank=True)
    sender_sealed = models.BinaryField(null=True)
    sender_tag = models.CharField(max_length=32, default="", blank=True)
    city_sealed = models.BinaryField(null=True)
    where = models.CharField(max_length=20, default="", blank=True)
    what = models.CharField(max_length=20, default="", blank=True)
    danger = models.CharField(max_length=10, default="", blank=True)  # yes, unsure, no or not asked
    about = models.CharField(max_length=10, default="", blank=True)  # me, known, no or not asked
    place = models.CharField(max_length=2, default="", blank=True)  # ISO country code the reporter chose
    language = models.CharField(max_length=10, default="", blank=True)
    occurred_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=15, choices=TipState.choices, default=TipState.RECEIVED)
    opened_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=30, default="", blank=True)  # code of the sentence released
    outcome_released_at = models.DateTimeField(null=True)
    outcome_released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    copy_due = models.BooleanField(default=False, db_default=False)  # reporter's copy is out of date

    class Meta:
        indexes = [
            models.Index(fields=["received_at"]),
            models.Index(fields=["contact_tag"]),
            models.Index(fields=["id"], name="copies_due", condition=Q(copy_due=True)),
        ]
        constraints = [
            models.CheckConstraint(name="danger_code", condition=Q(danger__in=["", "yes", "unsure", "no"])),
            models.CheckConstraint(
                name="outcome_released_by_a_person",
                condition=Q(outcome="")
                | Q(outcome_released_by__isnull=False, outcome_released_at__isnull=False),
            ),
        ]


class Reading(models.Model):
    """That the text of a tip was read for identifiers, with which data, and what else was found."""

    tip = models.OneToOneField(Tip, models.CASCADE)
    data_version = models.CharField(max_length=40)
    found = models.PositiveIntegerField(default=0)
    truncated = models.BooleanField(default=False)
    facts_sealed = models.BinaryField(null=True)  # {"observations": [...], "cities": [...]}
    at = models.DateTimeField()


class Mention(models.Model):
    """A tip names an identifier, in a role. A child's or reporter's identifier is kept sealed, not as a row."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="mentions")
    identifier = models.ForeignKey(Identifier, models.PROTECT, null=True, related_name="mentions")
    identifier_sealed = models.BinaryField(null=True)  # JSON of kind, platform, canonical
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    strength = models.CharField(max_length=6)
    data_version = models.CharField(max_length=40)
    rule = models.CharField(max_length=80)
    start = models.PositiveIntegerField()  # offsets into the raw narrative, code points
    end = models.PositiveIntegerField()
    cue = models.CharField(max_length=10, default="", blank=True)  # self, victim, addressed
    role = models.CharField(max_length=10, choices=MentionRole.choices, default=MentionRole.UNKNOWN)
    role_set_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # NULL: software proposed
    role_set_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tip", "identifier"], name="one_mention_a_tip"),
            models.CheckConstraint(
                name="children_and_reporters_sealed",
                condition=Q(role__in=SEALED_ROLES, identifier__isnull=True, identifier_sealed__isnull=False)
                | (~Q(role__in=SEALED_ROLES) & Q(identifier__isnull=False, identifier_sealed__isnull=True)),
            ),
            models.CheckConstraint(
                name="reported_by_a_person", condition=~Q(role="reported") | Q(role_set_by__isnull=False)
            ),
        ]


class ReporterCopy(models.Model):
    """What the door shows to the receipt's owner: sealed for the receipt's key by the worker."""

    tag = models.CharField(max_length=32, unique=True)
    sealed = models.BinaryField()
    updated_at = models.DateTimeField()
