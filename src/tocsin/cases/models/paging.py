"""Who is on duty, and who was called when a child is in danger."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tocsin.accounts.models import User
from tocsin.cases.models.core import Case
from tocsin.lib.ids import public_id


class Duty(models.Model):
    """A person answers calls in this time; of several at once the lowest `place` is called first."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    user = models.ForeignKey(User, models.PROTECT, related_name="duties")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    place = models.PositiveSmallIntegerField(default=1)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ends"])]
        constraints = [models.CheckConstraint(name="duty_ends_later", condition=Q(ends__gt=F("begins")))]


class Alarm(models.Model):
    """A case became immediate: somebody is called until somebody takes it. Once a case, never once a tip."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    case = models.ForeignKey(Case, models.PROTECT, related_name="alarms")
    begun_at = models.DateTimeField()
    next_call_at = models.DateTimeField(null=True)  # NULL: nobody is to be called any more
    unheard = models.BooleanField(default=False)  # everybody on duty was called and nobody took it
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    over_at = models.DateTimeField(null=True)  # taken, or the case is immediate no more

    class Meta:
        indexes = [
            models.Index(fields=["next_call_at"], name="alarms_due", condition=Q(next_call_at__isnull=False))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="one_alarm_a_case", condition=Q(over_at__isnull=True)
            ),
            models.CheckConstraint(
                name="taken_by_a_person", condition=Q(taken_at__isnull=True) | Q(taken_by__isnull=False)
            ),
        ]


class AlarmCall(models.Model):
    """One person was called about an alarm; the link of the mail takes it (POST), until somebody did."""

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="calls")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    tag = models.CharField(
        max_length=32, db_index=True
    )  # of the link's token: one mail may name several cases
    post_key = models.CharField(max_length=80)  # the row in post/
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="recent_calls")]
        constraints = [models.UniqueConstraint(fields=["alarm", "post_key"], name="one_mail_a_call")]
