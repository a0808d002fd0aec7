"""How the case's timeline tells what this room did: sentences, codes, and recipients by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from tocsin.cases import events, kinds
from tocsin.cases.models import Case
from tocsin.directory.models import Recipient
from tocsin.dispatch import failures
from tocsin.dispatch.models import Dispatch, DispatchKind
from tocsin.dispatch.release_reasons import REASONS

SENTENCES = {
    "plan_made": _("Plan made: %(order)s, notices: %(notices)s, referrals: %(referrals)s"),
    "supplement_drafted": _(
        "Something new to tell: a supplement was drafted, notices: %(notices)s, referrals: %(referrals)s"
    ),
    "supplement_planned": _("Supplement planned, notices: %(notices)s, referrals: %(referrals)s"),
    "supplement_discarded": _("The draft of a supplement was discarded"),
    "dispatch_proposed": _("Proposed: %(form)s to %(recipient)s"),
    "dispatch_approved": _("Approved: %(form)s to %(recipient)s"),
    "dispatch_rejected": _("Not approved: %(form)s to %(recipient)s"),
    "dispatch_queued": _("Put into the outbox: %(form)s to %(recipient)s"),
    "dispatch_sent": _("Sent: %(form)s to %(recipient)s"),
    "dispatch_called_back": _(
        "Taken out of the outbox, because police ask for silence: %(form)s to %(recipient)s"
    ),
    "dispatch_failed": _("Not sent: %(form)s to %(recipient)s. %(why)s"),
}


class _Names(dict[str, Any]):
    """Recipients' names by key: read when first asked for, so that a timeline costs one query at most."""

    def get(self, key: str, default: Any = None) -> Any:
        """The name; `default` (the key itself, in the timeline) for a recipient that is not there any more."""
        if key not in self:
            self.update(Recipient.objects.values_list("key", "name"))
        return super().get(key, default)


def enter() -> None:
    """Name our kinds and codes; called once, when the applications are ready."""
    forms = {kind.value: kind.label for kind in DispatchKind}
    events.register(SENTENCES, {"form": forms, "why": {**REASONS, **failures.SENTENCES}})
    kinds.CODES["recipient"] = _Names()
    events.register_labels("recipient", _recipients)


def _recipients(public_ids: list[str]) -> dict[str, str]:
    """Who answered, by name: the actor of an answer is its recipient."""
    return dict(Recipient.objects.filter(public_id__in=public_ids).values_list("public_id", "name"))


def tell(dispatch: Dispatch, what: str, actor: str, at: datetime | None = None, **facts: str) -> None:
    """One line in the timeline of the dispatch's case."""
    about = {"dispatch": dispatch.public_id, "recipient": dispatch.recipient.key, "form": dispatch.kind}
    case: Case = dispatch.case
    events.add(case, f"dispatch_{what}", actor, at=at, **about, **facts)
