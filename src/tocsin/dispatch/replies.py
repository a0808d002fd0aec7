"""What a recipient may answer: codes that are stored, with the sentence that the recipient reads."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemAnswer(models.TextChoices):
    """A provider's answer about one item."""

    ACKNOWLEDGED = "acknowledged", _("We are looking at it")
    SUSPENDED = "suspended", _("Account suspended")
    REMOVED = "removed", _("Content removed")
    REFUSED = "refused", _("We refuse (please say why)")
    WRONG_RECIPIENT = "wrong_recipient", _("We are the wrong recipient")
    QUESTION = "question", _("We have a question")


class ReferralAnswer(models.TextChoices):
    """An answer about a referral as a whole."""

    RECEIVED = "received", _("Received")
    HOLD = "hold", _("Hold: nobody else is told yet")
    GO_AHEAD = "go_ahead", _("Go ahead: the platforms may be told")
    ALREADY_KNOWN = "already_known", _("Already known to us")
    NOT_OURS = "not_ours", _("Not ours")
    ARRESTED = "arrested", _("Arrested")
    NO_ACTION = "no_action", _("No action will be taken")


GONE = frozenset({ItemAnswer.SUSPENDED, ItemAnswer.REMOVED})
DECIDED = GONE | {ItemAnswer.REFUSED, ItemAnswer.WRONG_RECIPIENT}
NEEDS_WORDS = frozenset({ItemAnswer.REFUSED, ItemAnswer.QUESTION})
# after these, silence serves nobody any more: notices of a "police first" plan may leave
RELEASING = frozenset({ReferralAnswer.GO_AHEAD, ReferralAnswer.ARRESTED, ReferralAnswer.NO_ACTION})
# only police may ask for silence, end it, or arrest
FOR_OTHERS = (
    ReferralAnswer.RECEIVED,
    ReferralAnswer.ALREADY_KNOWN,
    ReferralAnswer.NOT_OURS,
    ReferralAnswer.NO_ACTION,
)
