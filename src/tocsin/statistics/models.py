"""Figures that the worker publishes for the door."""

from __future__ import annotations

from django.db import models


class PublicFigure(models.Model):
    """One published figure: already rounded, already without held cases."""

    key = models.CharField(max_length=60, unique=True)
    value = models.JSONField()
    as_of = models.DateTimeField()
