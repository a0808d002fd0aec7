"""A visit to the tip mailbox: read what is new, store it, then remove it.

The order makes it safe to be killed at any line. Tip, note and answer are one transaction; only mails whose note
is on disk are removed, and what a killed visit did not remove the next one does. A mail that breaks is tried again
with growing pauses and set aside after eight attempts (`lib/steps.py`); it stops no other mail.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.conf import settings

from tocsin.lib import steps
from tocsin.tips.mail import answer, letter
from tocsin.tips.mail.connection import Access, Gone, Mailbox, visit
from tocsin.tips.mail.take import REFUSED, Place, take
from tocsin.tips.models import MailSeen

STEP = "tips.mail"
VISIT_SECONDS = 30.0  # after it no further mail is begun
HANG_UP_SECONDS = 60.0  # after it the connection is cut, whatever the other side does
_BACK = 10_000  # UIDs below the newest one seen that are asked for again: those that broke and wait
_AT_ONCE = 200  # mails removed by one command


def access() -> Access:
    """The mailbox of the settings."""
    return Access(
        host=settings.IMAP_HOST,
        port=settings.IMAP_PORT,
        tls=settings.IMAP_TLS,
        user=settings.IMAP_USER,
        password=settings.IMAP_PASSWORD,
        folder=settings.IMAP_FOLDER,
    )


def poll(limit: int, seconds: float = VISIT_SECONDS, hang_up: float = HANG_UP_SECONDS) -> int:
    """Read at most `limit` new mails; returns how many were dealt with. Raises `Unreachable`.

    No new mail is begun after `seconds`; the connection is cut after `hang_up`.
    """
    end = time.monotonic() + seconds
    with visit(access(), hang_up) as box:
        seen = _seen(box)
        first = max(1, max(seen, default=0) - _BACK)
        found = box.uids(first, "UNDELETED")
        waiting = set(steps.waiting(STEP))
        fresh = [uid for uid in found if uid not in seen and _row_id(box, uid) not in waiting]
        # what a killed visit had marked as deleted or not even that; mails that a person deleted are let be
        left = [uid for uid in found + box.uids(first, "DELETED") if uid in seen and _goes(*seen[uid])]
        done = 0
        for uid in fresh[:limit]:
            if box.over or time.monotonic() > end:
                break
            done += _one(box, uid)
        if not box.over:
            taken = _seen(box, fresh[:limit])
            gone = [uid for uid, note in taken.items() if _goes(*note)]
            kept = [uid for uid, (result, _n) in taken.items() if uid not in gone and result != REFUSED]
            _tidy(box, left + gone, kept)
    answer.forget_old()
    return done


def _one(box: Mailbox, uid: int) -> int:
    """One mail, with the attempts and pauses of every other row. 1 where it was dealt with."""

    def deal(_rows: object) -> None:
        place = Place(settings.IMAP_FOLDER, box.validity, uid)
        try:
            take(letter.read(box, uid, settings.IMAP_AUTHSERV), place)
        except Gone:
            return  # somebody removed it between our question and our reading

    return steps.work(STEP, [MailSeen(pk=_row_id(box, uid))], deal)


def _row_id(box: Mailbox, uid: int) -> int:
    """A number for a mail of which there is no row yet: 31 bits of UIDVALIDITY, 32 of the UID."""
    return (box.validity & 0x7FFFFFFF) << 32 | uid


def _seen(box: Mailbox, uids: Iterable[int] | None = None) -> dict[int, tuple[str, int]]:
    """UID -> (result, pictures) of this folder's mails that were dealt with."""
    rows = MailSeen.objects.filter(folder=settings.IMAP_FOLDER, uid_validity=box.validity)
    if uids is None:
        newest = rows.order_by("-uid").values_list("uid", flat=True).first() or 0
        rows = rows.filter(uid__gte=newest - _BACK)
    else:
        rows = rows.filter(uid__in=list(uids))
    return {
        uid: (result, pictures) for uid, result, pictures in rows.values_list("uid", "result", "pictures")
    }


def _goes(result: str, pictures: int) -> bool:
    """Whether the mail is removed: always when it carried more than words; a person looks at refused ones."""
    return result != REFUSED and (pictures > 0 or settings.IMAP_AFTER == "delete")


def _tidy(box: Mailbox, gone: list[int], kept: list[int]) -> None:
    for start in range(0, len(gone), _AT_ONCE):
        box.remove(gone[start : start + _AT_ONCE])
    if kept:
        box.mark_taken(kept)
