"""What the ground keeps about work itself: which rows of a step failed, and below which id all is done."""

from __future__ import annotations

from django.db import models


class StepFailure(models.Model):
    """One source row that a step could not work on. After eight attempts it is set aside, for a person."""

    step = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=1)
    next_try_at = models.DateTimeField()
    set_aside = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)  # the error's class and our own words; never content

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "source_id"], name="one_failure_a_row")]


class LowWater(models.Model):
    """Below this id, every source row of the step is known to be done."""

    step = models.CharField(max_length=60, primary_key=True)
    below = models.BigIntegerField(default=0)
