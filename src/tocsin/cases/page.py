"""Everything one case page shows, gathered once: the same for a first look and for a form that came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.forms import Form

from tocsin.accounts import policy
from tocsin.accounts.models import User
from tocsin.cases import alarm_page, living_lines, nextstep, panels, queries
from tocsin.cases import subject as subjects
from tocsin.cases.contents import Listing, listing
from tocsin.cases.forms import FindingForm, NoteForm, SubjectForm
from tocsin.cases.models import Case, CaseState
from tocsin.cases.subject import Subject
from tocsin.identifiers.roles import MentionRole
from tocsin.lib import sealing

TIPS_SHOWN = 20  # the others are on pages of their own list
IDENTIFIERS_SHOWN, IDENTIFIERS_A_PAGE = 20, 50  # in sight; with those that are folded
EVENTS_SHOWN, EVENTS_READ = 12, 100
NOTES_READ = 200  # written by people: more are hardly there
BEFORE_DISPATCH = (CaseState.OPEN, CaseState.ASSESSED)


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note, opened, with who wrote it and when."""

    text: str
    by: str
    at: datetime


def notes_of(case: Case) -> list[NoteLine]:
    """The newest `NOTES_READ` of the case's notes, the newest first."""
    rows = case.notes.select_related("by").order_by("-at", "-pk")[:NOTES_READ]
    return [NoteLine(sealing.unseal(row.text_sealed), row.by.get_username(), row.at) for row in rows]


def finding_notes(case: Case) -> dict[str, bytes]:
    """Where and how analysts found what they added, sealed, by the name of its row in the table of identifiers."""
    rows = case.findings.filter(note_sealed__isnull=False).select_related("identifier")
    return {
        (row.identifier.public_id if row.identifier else row.public_id): bytes(row.note_sealed or b"")
        for row in rows
    }


def context(
    case: Case,
    user: User,
    asked: Mapping[str, str] | None = None,
    forms: dict[str, Form] | None = None,
) -> dict[str, Any]:
    """The template's context. `forms` holds a bound form (finding, note or subject) that came back with errors.

    `asked`: what the URL asks for: `tips` and `identifiers` (pages of these lists), `language` of the tips. What is
    read does not grow with the tips: of a storm a page shows a part, and says so.
    """
    forms, asked = forms or {}, asked or {}
    identifiers, facts = listing(case), queries.facts_of(case)
    proposed = queries.proposed_cities(case, facts)
    subject = subjects.subject(case, user)
    return {
        "case": case,
        "roles": MentionRole.choices,
        "subject": subject,
        "named": [] if subject and subject.name else identifiers.most_named(),
        "proposed_cities": proposed,
        "countries": queries.countries_of(case),
        "stated": [row for row in queries.observations_of(case, facts) if row.kind in ("fee", "count")],
        "newest": queries.FACTS_READ if len(facts) == queries.FACTS_READ else 0,
        "what": queries.said_of(case),
        "next": nextstep.of(case, identifiers.any_reported, subject),
        "deadline": nextstep.deadline(case),
        "notes": notes_of(case),
        "danger": alarm_page.of(case, subject, proposed, forms.get("police")),
        "panels": panels.of(case, silent(case)),
        "may_work": policy.allowed(user, "case.work", case),
        "finding_form": forms.get("finding") or FindingForm(),
        "note_form": forms.get("note") or NoteForm(),
        "subject_form": forms.get("subject")
        or SubjectForm(
            initial=subject_values(subject) | {"review_on": case.subject_review_on}, proposed=proposed
        ),
        "came_back": next(iter(forms), ""),
        **_lists(case, identifiers, asked),
    }


def _lists(case: Case, identifiers: Listing, asked: Mapping[str, str]) -> dict[str, Any]:
    """The lists that may be long, each as far as the page shows it."""
    found, language = finding_notes(case), asked.get("language", "")[:10]
    listed: Any = Paginator(identifiers, IDENTIFIERS_A_PAGE).get_page(asked.get("identifiers"))
    rows = [(row, sealing.unseal(found.get(row.public_id))) for row in listed.object_list]
    tips: Any = Paginator(queries.places_of(case, language), TIPS_SHOWN).get_page(asked.get("tips"))
    tips.object_list = queries.lines_of(tips.object_list)
    events = queries.timeline(case, EVENTS_READ)
    return {
        "identifiers": listed,
        "identifiers_open": rows[:IDENTIFIERS_SHOWN],
        "identifiers_folded": rows[IDENTIFIERS_SHOWN:],
        "identifiers_unopened": identifiers.unopened,
        "languages": queries.languages_of(case),
        "language": language,
        "tips": tips,
        "events": events[:EVENTS_SHOWN],
        "older_events": events[EVENTS_SHOWN:],
        "unread_events": case.events.count() - len(events),
    }


def silent(case: Case) -> set[str]:
    """Names of panels that have nothing to say about this case as it is: they do not stand on the page."""
    found = set() if living_lines.asks(case) else {"cases:living_panel"}
    if case.state in BEFORE_DISPATCH and not Case.objects.filter(merged_into=case).exists():
        found.add("dispatch:supplement_panel")  # a case that merged into this one may have been dispatched
    return found


def subject_values(subject: Subject | None) -> dict[str, str]:
    """What the subject form starts with."""
    if subject is None:
        return {}
    named = ("name", "city", "country", "grade", "role", "basis")
    return {name: getattr(subject, name) for name in named} | {"aliases": "\n".join(subject.aliases)}
