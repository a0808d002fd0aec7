"""The review room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """The review room."""

    name = "tocsin.review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the room's rules; assessments go with their case."""
        from tocsin.cases import moving
        from tocsin.review import access  # noqa: F401
        from tocsin.review.models import Assessment

        moving.register(Assessment, work=True)
