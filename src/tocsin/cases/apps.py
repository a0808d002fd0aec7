"""The cases room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The cases room."""

    name = "tocsin.cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules; proposed merges appear on the approvals page."""
        from tocsin.accounts.foureyes import Registered, register
        from tocsin.cases import access, proposals  # noqa: F401
        from tocsin.cases.models import MergeProposal

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
