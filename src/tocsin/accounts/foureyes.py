"""Four eyes: what one person proposes, another one approves; the database refuses anything else (design 5.5)."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.models import User

BEFORE_APPROVAL = ("draft", "proposed", "rejected")


class NotAllowed(Exception):
    """The act is refused; the text is a sentence for the person."""


class FourEyes(models.Model):
    """A proposal of one person and the approval of another, over exactly the same bytes.

    Inheriting models name their states so that those of `BEFORE_APPROVAL` come before approval.
    """

    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, default="", blank=True)
    approved_digest = models.CharField(max_length=64, default="", blank=True)
    self_approved = models.BooleanField(default=False)
    state = models.CharField(max_length=20, default="draft")

    title: ClassVar[str] = ""

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_two_people",
                condition=Q(approved_by__isnull=True)
                | ~Q(approved_by=F("proposed_by"))
                | Q(self_approved=True),
            ),
            models.CheckConstraint(
                name="%(class)s_approved_first",
                condition=Q(state__in=BEFORE_APPROVAL)
                | (Q(approved_by__isnull=False) & Q(proposed_by__isnull=False) & ~Q(digest="")),
            ),
            models.CheckConstraint(
                name="%(class)s_same_bytes", condition=Q(approved_digest="") | Q(approved_digest=F("digest"))
            ),
            models.CheckConstraint(
                name="%(class)s_bytes_approved",
                condition=Q(state__in=BEFORE_APPROVAL) | ~Q(approved_digest=""),
            ),
        ]

    def content(self) -> bytes:
        """The exact bytes that are approved; inheriting models say what they are."""
        raise NotAllowed(f"{type(self).__name__} has nothing to approve.")

    def content_digest(self) -> str:
        """SHA-256 over the exact bytes, in hex."""
        return hashlib.sha256(self.content()).hexdigest()

    def mark_proposed(self, by: User) -> list[str]:
        """Set the proposal's fields (the caller saves and audits); returns the fields that changed."""
        self.proposed_by, self.proposed_at, self.state = by, timezone.now(), "proposed"
        self.digest = self.content_digest()
        return ["proposed_by", "proposed_at", "state", "digest"]

    def mark_approved(self, by: User, seen_digest: str) -> list[str]:
        """Set the approval's fields; refuses the proposer, and content that changed since `seen_digest`."""
        if self.state != "proposed":
            raise NotAllowed(_("This is no longer waiting for approval."))
        if by.pk == self.proposed_by_id:
            raise NotAllowed(_("You proposed this yourself: another person has to approve it."))
        if not seen_digest or seen_digest != self.digest or self.content_digest() != self.digest:
            raise NotAllowed(_("This changed after you opened it. Read it again before you approve it."))
        self.approved_by, self.approved_at, self.state = by, timezone.now(), "approved"
        self.approved_digest = self.digest
        return ["approved_by", "approved_at", "state", "approved_digest"]


class Registered:
    """What the approvals page needs of a room's four-eyes model, without importing the room."""

    def __init__(
        self, key: str, model: type[Any], approve: Any, reject: Any, template: str, describe: Any
    ) -> None:
        self.key, self.model, self.template = key, model, template
        self.approve, self.reject, self.describe = approve, reject, describe


REGISTER: dict[str, Registered] = {}


def register(entry: Registered) -> None:
    """Called from a room's `apps.py`: its proposals appear on the approvals page.

    `approve(item, user, digest)` and `reject(item, user, reason)` are the room's own writers; `template` shows
    exactly what is approved, with `item`; `describe(item)` is one line for the list.
    """
    REGISTER[entry.key] = entry
