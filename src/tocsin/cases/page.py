"""Everything one case page shows, gathered once: the same for a first look and for a form that came back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.forms import Form

from tocsin.accounts import policy
from tocsin.accounts.models import User
from tocsin.cases import alarm_page, nextstep, panels, queries
from tocsin.cases import subject as subjects
from tocsin.cases.forms import FindingForm, NoteForm, SubjectForm
from tocsin.cases.models import Case
from tocsin.cases.subject import Subject
from tocsin.identifiers.roles import MentionRole
from tocsin.lib import sealing

TIPS_SHOWN = 20  # the others are on pages of their own list
EVENTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note, opened, with who wrote it and when."""

    text: str
    by: str
    at: datetime


def notes_of(case: Case) -> list[NoteLine]:
    """The case's notes, the newest first."""
    rows = case.notes.select_related("by").order_by("-at", "-pk")
    return [NoteLine(sealing.unseal(row.text_sealed), row.by.get_username(), row.at) for row in rows]


def finding_notes(case: Case) -> dict[str, str]:
    """Where and how analysts found what they added, by the name of its row in the table of identifiers."""
    rows = case.findings.filter(note_sealed__isnull=False).select_related("identifier")
    return {
        (row.identifier.public_id if row.identifier else row.public_id): sealing.unseal(row.note_sealed)
        for row in rows
    }


def context(
    case: Case,
    user: User,
    tips_page: str | None = None,
    forms: dict[str, Form] | None = None,
    language: str = "",
) -> dict[str, Any]:
    """The template's context. `forms` holds a bound form (finding, note or subject) that came back with errors."""
    forms = forms or {}
    identifiers, proposed = queries.identifiers_of(case), queries.proposed_cities(case)
    subject, found = subjects.subject(case, user), finding_notes(case)
    timeline = list(queries.timeline(case))
    tips = queries.tips_of(case)
    return {
        "case": case,
        "identifiers": [(row, found.get(row.public_id, "")) for row in identifiers],
        "roles": MentionRole.choices,
        "subject": subject,
        "proposed_cities": proposed,
        "stated": [row for row in queries.observations_of(case) if row.kind in ("fee", "count")],
        "what": Counter(row.tip.what for row in tips if row.tip.what).most_common(3),
        "next": nextstep.of(case, identifiers, subject),
        "languages": queries.languages_of(case),
        "language": language,
        "tips": Paginator(queries.tips_of(case, language) if language else tips, TIPS_SHOWN).get_page(
            tips_page
        ),
        "notes": notes_of(case),
        "events": timeline[:EVENTS_SHOWN],
        "older_events": timeline[EVENTS_SHOWN:],
        "danger": alarm_page.of(case, subject, proposed, forms.get("police")),
        "panels": panels.of(case),
        "may_work": policy.allowed(user, "case.work", case),
        "finding_form": forms.get("finding") or FindingForm(),
        "note_form": forms.get("note") or NoteForm(),
        "subject_form": forms.get("subject")
        or SubjectForm(
            initial=subject_values(subject) | {"review_on": case.subject_review_on}, proposed=proposed
        ),
        "came_back": next(iter(forms), ""),
    }


def subject_values(subject: Subject | None) -> dict[str, str]:
    """What the subject form starts with."""
    if subject is None:
        return {}
    named = ("name", "city", "country", "grade", "role", "basis")
    return {name: getattr(subject, name) for name in named} | {"aliases": "\n".join(subject.aliases)}
