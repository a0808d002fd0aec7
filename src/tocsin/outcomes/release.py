"""A person lets the reporters of a case read one sentence; never under a hold."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.accounts.policy import allowed
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, CaseState
from tocsin.dispatch import holds
from tocsin.lib.writing import write
from tocsin.tips import progress
from tocsin.tips.models import Tip


def release(case: Case, code: str, user: User) -> int:
    """Release the sentence `code` of `tips.progress.OUTCOMES` to every reporter of the case; how many tips changed.

    Raises `NotAllowed` with a sentence: under a hold (also one set in another case), without tips, or by somebody
    who may not.
    """
    if not allowed(user, "outcome.release"):
        raise NotAllowed(_("You may not release an outcome."))
    with write():  # asked inside: a hold that is set at this very moment wins
        if case.state == CaseState.MERGED:
            raise NotAllowed(_("This case was merged into another one."))
        if holds.case_held(case):
            raise NotAllowed(
                _(
                    "Police asked for silence about this case: reporters are told nothing before the hold is lifted."
                )
            )
        tips = list(Tip.objects.filter(case_tip__case=case))
        if not tips:
            raise NotAllowed(_("No tip belongs to this case: there is nobody to tell."))
        told = progress.release(tips, code, user, held=False)
        if told:
            events.add(case, "outcome_released", user.actor, outcome=code, tips=told)
            record(user.actor, "outcome.released", case.audit_name, outcome=code, tips=told)
    return told
