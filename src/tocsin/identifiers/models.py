"""Identifiers, each stored once; and bystanders: what many tips name and nobody reports."""

from __future__ import annotations

import hashlib

from django.db import models

from tocsin.accounts.foureyes import FourEyes
from tocsin.identifiers.extract import display
from tocsin.lib.ids import public_id


def key_of(kind: str, platform: str, canonical: str) -> str:
    """32 hex characters: one indexed column for the triple (long URLs do not fit a PostgreSQL index row)."""
    text = f"{kind}\x00{platform}\x00{canonical}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Identifier(models.Model):
    """A canonical identifier (../extract): account, group, channel, post, file, site, url, email, phone, payment."""

    key = models.CharField(max_length=32, unique=True)
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    kind = models.CharField(max_length=10)
    platform = models.CharField(max_length=30)
    canonical = models.TextField()
    strength = models.CharField(max_length=6)  # strong, handle, weak, hub
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="known_strength", condition=models.Q(strength__in=["strong", "handle", "weak", "hub"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.platform}/{self.canonical}"


class Bystander(models.Model):
    """Own hotline, campaigners, police, official accounts, helplines, news: joins nothing, dispatched to nobody."""

    key = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=10)
    platform = models.CharField(max_length=30)
    canonical = models.TextField()
    label = models.CharField(max_length=120)
    why = models.CharField(max_length=40)
    source = models.CharField(max_length=200)
    source_date = models.DateField()
    added_at = models.DateTimeField()

    @property
    def shown(self) -> str:
        """The identifier as inert text."""
        return display(self.kind, self.platform, self.canonical)


class BystanderChange(FourEyes):
    """A proposed addition to, or removal from, the list: two people."""

    title = "bystander"

    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    remove = models.BooleanField(default=False)
    kind = models.CharField(max_length=10)
    platform = models.CharField(max_length=30)
    canonical = models.TextField()
    label = models.CharField(max_length=120)
    why = models.CharField(max_length=40)
    source = models.CharField(max_length=200, blank=True)
    rejection_sealed = models.BinaryField(null=True)  # why a second person did not approve

    class Meta(FourEyes.Meta):
        pass

    @property
    def shown(self) -> str:
        """The identifier as inert text."""
        return display(self.kind, self.platform, self.canonical)

    @property
    def tips_naming(self) -> int:
        """How many tips name it now: what a person should know before approving."""
        key = key_of(self.kind, self.platform, self.canonical)
        named = Identifier.objects.filter(key=key).annotate(tips=models.Count("mentions"))
        return named.values_list("tips", flat=True).first() or 0

    def content(self) -> bytes:
        """What is approved: the triple, its label and the direction."""
        fields = (
            str(self.remove),
            self.kind,
            self.platform,
            self.canonical,
            self.label,
            self.why,
            self.source,
        )
        return "\x00".join(fields).encode("utf-8", "surrogatepass")
