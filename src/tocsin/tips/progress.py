"""What a reporter is told at the end: one of a few sentences, released by a person.

The sentences say nothing of police, recipients, other tips or whether the thing was known: whoever holds a
receipt may be the person who was reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record_many
from tocsin.lib.writing import write
from tocsin.tips.models import Tip

OUTCOMES: dict[str, str | Promise] = {
    "thanks": _("We have finished looking at what you sent. Thank you: every tip helps."),
    "helped": _("Something was done because people like you told us. Thank you."),
    "more": _("We could not find it with what you sent. If you see it again, send us the exact address."),
    "outside": _("We looked at it carefully. It is not something that we can act on. Thank you."),
}


def release(tips: Iterable[Tip], code: str, user: User, *, held: bool = False) -> int:
    """Let the reporters of these tips read the sentence `code`. Returns how many tips changed.

    `held` is what the caller knows of police holds: under a hold nothing is released.
    """
    if code not in OUTCOMES:
        raise NotAllowed(str(_("This sentence does not exist.")))
    if held:
        raise NotAllowed(str(_("Under a hold nothing is told to reporters.")))
    ids = [tip.pk for tip in tips]
    with write():
        rows = Tip.objects.select_for_update().filter(pk__in=ids).exclude(outcome=code).order_by("pk")
        telling = list(rows.values_list("pk", "public_id"))
        Tip.objects.filter(pk__in=[pk for pk, _name in telling]).update(
            outcome=code, outcome_released_at=timezone.now(), outcome_released_by=user, copy_due=True
        )
        record_many((user.actor, "tip.outcome", f"tip:{name}", {"outcome": code}) for _pk, name in telling)
    return len(telling)
