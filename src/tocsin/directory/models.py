"""Recipients and the routes to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tocsin.accounts.models import User
from tocsin.lib.ids import public_id


class RecipientKind(models.TextChoices):
    """Who can act."""

    PROVIDER = "provider", _("Platform")
    HOST = "host", _("Host")
    PAYMENT = "payment", _("Payment firm")
    POLICE = "police", _("Police")
    HOTLINE = "hotline", _("Hotline")
    PROTECTION = "protection", _("Protection service")
    REGULATOR = "regulator", _("Regulator")


class Recipient(models.Model):
    """An organisation that can act, with where it is competent (data, sourced and dated)."""

    key = models.CharField(max_length=60, unique=True)
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=RecipientKind.choices)
    country = models.CharField(max_length=2, default="", blank=True)
    cities = models.JSONField(default=list)  # keys of lib/places cities; empty: the whole country
    platforms = models.JSONField(default=list)
    host_suffixes = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    source = models.CharField(max_length=200)
    source_date = models.DateField()
    demonstration = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """A way to reach a recipient. Without a confirmation nothing is sent by it."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="routes")
    public_id = models.CharField(max_length=12, unique=True, default=public_id)
    channel = models.CharField(max_length=20, default="email")
    address = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_note = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "channel", "address"], name="one_route_each"),
            # the demonstration confirms invented addresses only; a real one needs a person and a note
            models.CheckConstraint(
                name="confirmed_by_a_person",
                condition=Q(confirmed_at__isnull=True)
                | Q(address__endswith=".example")
                | (Q(confirmed_by__isnull=False) & ~Q(confirmed_note="")),
            ),
        ]
