"""Roles of a mention (design, section 5.3). Software proposes, a person sets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MentionRole(models.TextChoices):
    """What the named thing is to the tip."""

    UNKNOWN = "unknown", _("Not yet known")
    REPORTED = "reported", _("Reported")
    CHILD = "child", _("Child or possible victim")
    REPORTER = "reporter", _("Reporter or witness")
    BYSTANDER = "bystander", _("Bystander")


SEALED_ROLES = (
    MentionRole.CHILD,
    MentionRole.REPORTER,
)  # stored sealed, joined by nothing, dispatched to nobody
JOINING_ROLES = (MentionRole.UNKNOWN, MentionRole.REPORTED)
