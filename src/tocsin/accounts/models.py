"""Users and roles."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is here for (design, section 4)."""

    ANALYST = "analyst", _("Analyst")
    REVIEWER = "reviewer", _("Reviewer")
    COORDINATOR = "coordinator", _("Coordinator")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")
    CAMPAIGNER = "campaigner", _("Campaigner")  # forwards what was sent to them; sees no case


class User(AbstractUser):
    """A person of the hotline."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.ANALYST)
    language = models.CharField(max_length=10, default="", blank=True)  # "" = the browser's

    @property
    def actor(self) -> str:
        """How the audit names this person: never by name."""
        return f"user:{self.pk}"
