"""Assessments: what a trained person decided, and on what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.accounts.models import User
from tocsin.cases.models import Case
from tocsin.lib.ids import public_id


class Verdict(models.TextChoices):
    """Baseline: illegal nearly everywhere; national: illegal here."""

    BASELINE = "baseline", _("Illegal by the international baseline")
    NATIONAL = "national", _("Illegal by national law")
    NOT_ILLEGAL = "not_illegal", _("Not illegal")
    UNDETERMINED = "undetermined", _("Undetermined")


class OnWhat(models.TextChoices):
    """What the assessment rests on (design 2.6)."""

    TIPS = "tips", _("Text of the tips")
    OWN_VIEW = "own_view", _("Own view")
    PARTNER = "partner", _("A partner's word")
    KNOWN_LIST = "known_list", _("A list of known content")


class Assessment(models.Model):
    """One person's assessment of a case. The newest one counts; none is ever overwritten."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    case = models.ForeignKey(Case, models.CASCADE, related_name="assessments")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    on_what = models.CharField(max_length=12, choices=OnWhat.choices)
    rationale_sealed = models.BinaryField(null=True)
