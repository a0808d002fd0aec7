"""Cases, what is in them and why, findings, notes, and the timeline."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tocsin.accounts.models import User
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.lib.ids import public_id
from tocsin.tips.models import Tip


class CaseState(models.TextChoices):
    """open -> assessed -> dispatched -> closed -> reopened; held while police ask for silence."""

    OPEN = "open"
    ASSESSED = "assessed"
    DISPATCHED = "dispatched"
    HELD = "held"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"  # lives on under another number


class Lane(models.TextChoices):
    """How soon a person must look."""

    IMMEDIATE = "immediate"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


LANE_ORDER = {Lane.IMMEDIATE: 0, Lane.HIGH: 1, Lane.NORMAL: 2, Lane.LOW: 3}


class CaseNumber(models.Model):
    """The last number allotted in a year; incremented in the transaction that opens the case."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Case(models.Model):
    """Tips that belong together. `2026-000123` is its public name inside the house; it never leaves."""

    number = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.OPEN)
    lane = models.CharField(max_length=10, choices=Lane.choices, default=Lane.NORMAL)
    lane_rank = models.PositiveSmallIntegerField(default=2)  # LANE_ORDER[lane], for the queue's index
    lane_reasons = models.JSONField(default=list)  # [{"signal": name, "tips": n}]
    urgency = models.PositiveIntegerField(default=0, db_default=0)  # sum of its signals' weights
    actionability = models.PositiveSmallIntegerField(default=0, db_default=0)  # 0 to 100
    actionability_reasons = models.JSONField(default=list, db_default=[])  # [{"signal": name, "points": n}]
    paged = models.BooleanField(
        default=False, db_default=False
    )  # an alarm was begun for this stay in `immediate`
    reporters = models.DecimalField(
        max_digits=8, decimal_places=1, default=0, db_default=0
    )  # independent ones
    opened_at = models.DateTimeField()
    first_received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # first opened by a person
    seen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    worked_on = models.BooleanField(
        default=False
    )  # assessment, subject, note, dispatch: never merged by itself
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    # JSON: name, aliases, city (places key), country, role, grade, basis, by, at
    subject_sealed = models.BinaryField(null=True)
    subject_review_on = models.DateField(null=True)  # when a person asks again whether it must be kept

    class Meta:
        indexes = [
            models.Index(fields=["lane_rank", "-urgency", "-last_received_at", "-id"], name="queue_order"),
            models.Index(
                fields=["state", "lane_rank", "-urgency", "-last_received_at", "-id"], name="queue_of_a_state"
            ),
            # the two kinds of case that the step `cases.alarms` has to look at; both are soon empty again
            models.Index(
                fields=["last_received_at"],
                name="alarm_due",
                condition=Q(paged=False) & Q(lane="immediate") & ~Q(state="closed") & ~Q(state="merged"),
            ),
            models.Index(
                fields=["last_received_at"],
                name="alarm_forgotten",
                condition=Q(paged=True) & (Q(lane_rank__gt=0) | Q(state="closed")),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="merged_names_its_heir",
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def audit_name(self) -> str:
        """How the audit names the case."""
        return f"case:{self.number}"


class CaseTip(models.Model):
    """A tip is in exactly one case, because of these identifiers (public ids; empty: opened the case)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="case_tips", db_index=False)
    tip = models.OneToOneField(Tip, models.CASCADE, related_name="case_tip")
    because = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        # by age: the first and the newest of a case are found without a look at the others
        indexes = [models.Index(fields=["case", "id"], name="tips_of_a_case")]


class Placed(models.Model):
    """That a linked tip was placed: into a case, or into none (`loose`)."""

    tip = models.OneToOneField(Tip, models.CASCADE)
    loose = models.BooleanField(default=False)
    at = models.DateTimeField()


class Scored(models.Model):
    """The signals of one tip, as read from its text and answers."""

    tip = models.OneToOneField(Tip, models.CASCADE)
    lane = models.CharField(max_length=10, choices=Lane.choices)
    signals = models.JSONField(default=list)  # names from data/signals.toml
    at = models.DateTimeField()


class Finding(models.Model):
    """What an analyst adds without a tip."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="findings")
    identifier = models.ForeignKey(Identifier, models.PROTECT, null=True, related_name="findings")
    identifier_sealed = models.BinaryField(null=True)
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    note_sealed = models.BinaryField(null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    role = models.CharField(max_length=10, choices=MentionRole.choices, default=MentionRole.UNKNOWN)
    role_set_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    role_set_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "identifier"], name="one_finding_a_case"),
            models.CheckConstraint(
                name="finding_children_and_reporters_sealed",
                condition=Q(role__in=SEALED_ROLES, identifier__isnull=True, identifier_sealed__isnull=False)
                | (~Q(role__in=SEALED_ROLES) & Q(identifier__isnull=False, identifier_sealed__isnull=True)),
            ),
            models.CheckConstraint(
                name="finding_reported_by_a_person",
                condition=~Q(role="reported") | Q(role_set_by__isnull=False),
            ),
        ]


class Note(models.Model):
    """An analyst's note, sealed."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    text_sealed = models.BinaryField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class CaseEvent(models.Model):
    """One line of the timeline. `facts` holds numbers, codes and public ids; words are looked up when shown."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)  # see cases/events.py
    actor = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["case", "at"])]
