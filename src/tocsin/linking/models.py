"""Links: one row for each identifier of a tip, saying whether it joins and by which rule. Hubs. Copies."""

from __future__ import annotations

from django.db import models

from tocsin.accounts.foureyes import FourEyes
from tocsin.accounts.models import User
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier
from tocsin.lib.ids import public_id
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
    tip_at = models.DateTimeField(null=True)  # when the tip was received: a handle joins what is near in time
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tip", "identifier"], name="one_link_a_mention")]
        indexes = [
            models.Index(
                fields=["identifier", "tip_at", "tip"], name="joining_in_time", condition=models.Q(joins=True)
            )
        ]


class WeakPair(models.Model):
    """Two things that a tip names, one of them weak: together they join tips that name both (`rules.py`)."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="+")
    key = models.BigIntegerField()  # of the two identifiers (link.pair_key)
    weak = models.ForeignKey(Identifier, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Identifier, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["key", "tip"])]


class Degree(models.Model):
    """How many tips name an identifier: counted as links are written."""

    identifier = models.OneToOneField(Identifier, models.CASCADE, related_name="degree")
    tips = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["tips"])]


class Companion(models.Model):
    """That some tip names a site or an address beside another thing that joins: what it would glue together.

    The number of different companions is the degree by which a site becomes a hub. How many tips name it says
    little: a storm of 5,000 tips on one site names one account beside it.
    """

    identifier = models.ForeignKey(Identifier, models.CASCADE, related_name="companions", db_index=False)
    other = models.ForeignKey(Identifier, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["identifier", "other"], name="companions_once")]


class Hub(models.Model):
    """Whether an identifier joins nothing because many share it: by its degree, or because people said so."""

    identifier = models.OneToOneField(Identifier, models.CASCADE, related_name="hub")
    hub = models.BooleanField()  # False: people said that it is none, whatever its degree
    why = models.CharField(max_length=10)  # degree, person
    degree = models.PositiveIntegerField(default=0)  # different companions, when it was said
    cut_at = models.DateTimeField(null=True)  # the cases that it had glued were looked through
    at = models.DateTimeField()


class HubChange(FourEyes):
    """A proposal that an identifier is a hub, or is none: two people."""

    title = "hub"

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    identifier = models.ForeignKey(Identifier, models.PROTECT, related_name="+")
    hub = models.BooleanField()
    reason_sealed = models.BinaryField(null=True)
    rejection_sealed = models.BinaryField(null=True)

    class Meta(FourEyes.Meta):
        pass

    @property
    def shown(self) -> str:
        """The identifier as inert text."""
        return display(self.identifier.kind, self.identifier.platform, self.identifier.canonical)

    def content(self) -> bytes:
        """What is approved: which identifier, and the direction."""
        return f"{self.identifier.key}\x00{self.hub}".encode()


class Threshold(models.Model):
    """A number that the hotline may change: from how many tips on something is a hub, or proposed as a bystander."""

    name = models.CharField(max_length=20, unique=True)  # hub, bystander
    value = models.PositiveIntegerField()
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()


class Sketch(models.Model):
    """The keyed MinHash of a tip's text; empty for a text too short to be a copy (a bare link)."""

    tip = models.OneToOneField(Tip, models.CASCADE, related_name="sketch")
    signature = models.BinaryField()
    at = models.DateTimeField()


class Band(models.Model):
    """One of at most eight parts of a sketch, by which near-identical texts are found."""

    key = models.BigIntegerField(db_index=True)
    tip = models.ForeignKey(Tip, models.CASCADE, related_name="+", db_index=False)


class Copy(models.Model):
    """A tip whose text is near-identical to that of an earlier one: both forward one message."""

    tip = models.OneToOneField(Tip, models.CASCADE, related_name="copy_of")
    of = models.ForeignKey(Tip, models.CASCADE, related_name="copies")
    likeness = models.PositiveSmallIntegerField()  # percent
    at = models.DateTimeField()
