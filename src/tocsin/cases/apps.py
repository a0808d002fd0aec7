"""The cases room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The cases room."""

    name = "tocsin.cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules; proposed merges appear on the approvals page; alarms follow a merge."""
        from tocsin.accounts.foureyes import Registered, register
        from tocsin.cases import access, alarms, merge, proposals  # noqa: F401
        from tocsin.cases.models import MergeProposal

        merge.AFTER.append(alarms.after_merge)
        register(
            Registered(
                key="merge",
                model=MergeProposal,
                approve=proposals.approve,
                reject=proposals.reject,
                template="cases/merge_proposal.html",
                describe=proposals.describe,
            )
        )
