"""A tip's text in another language: sealed beside the original, with the name of who translated it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases import events
from tocsin.cases.models import Case, Task, Translation
from tocsin.cases.working import locked, mark_worked_on
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.tips.languages import known
from tocsin.tips.models import Tip

LONGEST = 65_536  # characters


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation, opened."""

    language: str
    text: str
    by: str
    at: datetime


def add(case: Case, tip: Tip, user: User, language: str, text: str) -> Translation:
    """Keep a translation; tasks that asked for it are done. Raises `NotAllowed` with a sentence."""
    text = text.strip()
    if language not in known():
        raise NotAllowed(_("Say into which language it was translated."))
    if not text or len(text) > LONGEST:
        raise NotAllowed(_("The translation is empty, or longer than a tip may be."))
    with write():
        row = locked(case)
        if not row.case_tips.filter(tip=tip).exists():
            raise NotAllowed(_("This tip is not in the case any more."))
        now = timezone.now()
        made = Translation.objects.create(
            tip=tip, language=language, text_sealed=sealing.seal(text), by=user, at=now
        )
        asked = Task.objects.filter(case=row, kind="translation", tip=tip, done_at__isnull=True)
        asked.filter(language=language).update(done_at=now, done_by=user)
        mark_worked_on(row)
        events.add(row, "translated", user.actor, at=now, language=language, tip=tip.public_id)
        record(user.actor, "tip.translated", f"tip:{tip.public_id}", language=language)
    return made


def of_tip(tip: Tip, user: User) -> list[Translated]:
    """The tip's translations, the newest first; the look is recorded, as that at the text is."""
    rows = list(tip.translations.select_related("by").order_by("-at", "-pk"))
    if rows:
        with write():
            record(user.actor, "tip.translation_read", f"tip:{tip.public_id}", translations=len(rows))
    return [
        Translated(
            row.language,
            sealing.unseal(row.text_sealed),
            row.by.get_full_name() or row.by.get_username(),
            row.at,
        )
        for row in rows
    ]
