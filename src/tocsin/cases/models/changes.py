"""What was done to the partition of tips into cases, so that it can be undone; and what waits for a person."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tocsin.accounts.foureyes import FourEyes
from tocsin.accounts.models import User
from tocsin.cases.models.core import Case
from tocsin.identifiers.models import Identifier
from tocsin.lib.ids import public_id
from tocsin.tips.models import Tip


class Change(models.Model):
    """A merge, a split, a tip moved, an identifier detached, a case cut again: by whom, why, and whether undone."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    kind = models.CharField(max_length=10)  # merge, split, move, detach, cut
    actor = models.CharField(max_length=80)
    reason_sealed = models.BinaryField(null=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="changes")  # the heir; the case that was cut
    other = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")  # merged, or made by the cut
    identifier = models.ForeignKey(Identifier, models.PROTECT, null=True, related_name="+")  # detached
    before = models.JSONField(default=dict)  # states that the undo brings back: codes only
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"])]
        constraints = [
            models.CheckConstraint(
                name="undone_by_somebody",
                condition=Q(undone_at__isnull=True, undone_by="")
                | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
            )
        ]


class ChangeRow(models.Model):
    """A row that a change moved from one case to another: a tip's place, a note, a finding, a line of a timeline."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="rows")
    model = models.CharField(max_length=60)  # "cases.CaseTip"
    row = models.BigIntegerField()
    source = models.ForeignKey(Case, models.PROTECT, related_name="+")
    target = models.ForeignKey(Case, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["model", "row"])]
        constraints = [
            models.UniqueConstraint(fields=["change", "model", "row"], name="moved_once_a_change"),
            models.CheckConstraint(name="moved_elsewhere", condition=~Q(source=F("target"))),
        ]


class Detached(models.Model):
    """An identifier that joins nothing in one case, because a person said so."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="detached")
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="detached")
    change = models.OneToOneField(Change, models.CASCADE, related_name="detachment")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "identifier"], name="detached_once_a_case")]


class MergeProposal(FourEyes):
    """Two cases that share something, and both were worked on: people decide. `draft` is software's proposal."""

    title = "merge"

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    one = models.ForeignKey(Case, models.PROTECT, related_name="+")
    other = models.ForeignKey(Case, models.PROTECT, related_name="+")
    because = models.JSONField(default=list)  # public ids of the identifiers
    tip = models.ForeignKey(Tip, models.PROTECT, null=True, related_name="+")  # that touched both
    reason_sealed = models.BinaryField(null=True)
    rejection_sealed = models.BinaryField(null=True)
    made_at = models.DateTimeField()

    class Meta(FourEyes.Meta):
        constraints = [
            *FourEyes.Meta.constraints,
            models.UniqueConstraint(
                fields=["one", "other"],
                name="one_waiting_proposal_a_pair",
                condition=Q(state__in=["draft", "proposed"]),
            ),
            models.CheckConstraint(name="older_case_first", condition=Q(one__lt=F("other"))),
        ]

    def content(self) -> bytes:
        """What is approved: which two cases become one."""
        return f"{self.one_id}\x00{self.other_id}\x00{','.join(self.because)}".encode()


class Flag(models.Model):
    """Something that a person should look at: a case that could reopen, an account that is back, a strange burst."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    case = models.ForeignKey(Case, models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=20)  # reopen, back_again, burst, number_wanted, glued
    about = models.CharField(max_length=40, default="", blank=True)  # public id of what it is about
    facts = models.JSONField(default=dict)  # numbers, codes and public ids
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_how = models.CharField(max_length=20, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="flags_waiting", condition=Q(settled_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "about"],
                name="one_waiting_flag",
                condition=Q(settled_at__isnull=True),
            )
        ]
