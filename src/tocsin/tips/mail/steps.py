"""The worker's step: every so often a visit to the mailbox, in a thread of its own (`lib/visits.py`)."""

from __future__ import annotations

from django.conf import settings

from tocsin.lib.visits import Visits


def _visit(limit: int) -> int:
    from tocsin.tips.mail.poll import poll  # IMAPClient is loaded where a mailbox is set

    return poll(limit)


def visits() -> Visits:
    """Visits to the tip mailbox of the settings."""
    return Visits("tips.mail", _visit, lambda: settings.IMAP_EVERY_SECONDS)


_visits = visits()


def mail(limit: int) -> int:
    """Mails of the tip mailbox -> tips. Does nothing where no mailbox is set."""
    return _visits.tick(limit) if settings.IMAP_HOST else 0
