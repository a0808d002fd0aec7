"""Links: one row for each identifier of a tip, saying whether it joins and by which rule."""

from __future__ import annotations

from django.db import models

from tocsin.identifiers.models import Identifier
from tocsin.tips.models import Tip


class Linked(models.Model):
    """That a tip's mentions were linked."""

    tip = models.OneToOneField(Tip, models.CASCADE)
    at = models.DateTimeField()


class Link(models.Model):
    """A tip and one of its identifiers: does it join other tips that name it, how strongly, why (not)."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="links")
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="links")
    strength = models.CharField(max_length=6)
    joins = models.BooleanField()
    rule = models.CharField(max_length=30)  # see linking/rules.py
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tip", "identifier"], name="one_link_a_mention")]
        indexes = [
            models.Index(fields=["identifier", "tip"], name="joining_links", condition=models.Q(joins=True))
        ]
