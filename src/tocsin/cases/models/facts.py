"""Facts about identifiers over time, each with its grade and source; tasks; translations."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tocsin.accounts.models import User
from tocsin.cases.models.core import Case
from tocsin.identifiers.models import Identifier
from tocsin.lib.ids import public_id
from tocsin.tips.models import Tip


class Observation(models.Model):
    """A dated, graded fact: how many members, what it costs, who owns it, whether it is live now.

    What a tip says belongs to the tip and follows it from case to case (`case` is empty); what a person saw or
    heard belongs to the case. An identifier that is sealed leaves its facts behind without it.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="observations")
    identifier = models.ForeignKey(Identifier, models.SET_NULL, null=True, related_name="observations")
    kind = models.CharField(max_length=10)  # members, fee, owner, live
    # members, a fee; of "live": 1 it is, 0 it is not any more
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    # ISO 4217, or the short name of a coin (USDT); empty: the source does not say
    currency = models.CharField(max_length=5, default="", blank=True)
    period = models.CharField(max_length=10, default="", blank=True)  # day, week, month, quarter, year, once
    tier = models.PositiveSmallIntegerField(null=True)  # 1: the cheapest of several fees
    owner = models.ForeignKey(Identifier, models.SET_NULL, null=True, related_name="+")
    grade = models.CharField(max_length=10)  # said, seen, confirmed
    tip = models.ForeignKey(Tip, models.CASCADE, null=True, related_name="+")  # who said it
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # who saw or confirmed it
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "kind", "observed_at"])]
        constraints = [
            models.CheckConstraint(
                name="observed_by_somebody", condition=Q(tip__isnull=False) | Q(by__isnull=False)
            ),
            models.CheckConstraint(
                name="observed_in_a_tip_or_a_case",
                condition=Q(tip__isnull=False, case__isnull=True) | Q(tip__isnull=True, case__isnull=False),
            ),
            models.CheckConstraint(
                name="observation_grade", condition=Q(grade__in=["said", "seen", "confirmed"])
            ),
            models.CheckConstraint(
                name="people_see_and_confirm", condition=Q(grade="said") | Q(by__isnull=False)
            ),
        ]


class Task(models.Model):
    """Something to do on a case; a translation of a tip is one."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    case = models.ForeignKey(Case, models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=15, default="task")  # task, translation
    text_sealed = models.BinaryField(null=True)
    tip = models.ForeignKey(Tip, models.CASCADE, null=True, related_name="+")  # to be translated
    language = models.CharField(max_length=10, default="", blank=True)  # into which
    assigned_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "done_at"])]
        constraints = [
            models.CheckConstraint(
                name="a_translation_is_of_a_tip", condition=~Q(kind="translation") | Q(tip__isnull=False)
            )
        ]


class Translation(models.Model):
    """A tip's text in another language, sealed beside the original, with who translated it."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="translations")
    language = models.CharField(max_length=10)
    text_sealed = models.BinaryField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tip", "at"])]
