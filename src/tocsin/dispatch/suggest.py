"""Who must hear of what in a case: lines with their reasons. Software proposes; a person ticks and edits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.accounts.models import User
from tocsin.cases import queries as cases
from tocsin.cases.models import Case, Lane
from tocsin.directory.models import Recipient, RecipientKind
from tocsin.directory.queries import Directory
from tocsin.dispatch.models import DispatchItem, DispatchKind
from tocsin.dispatch.places import Place, place_of_subject, places_in_tips
from tocsin.dispatch.render import platform_title
from tocsin.identifiers.bystanders import covered
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import JOINING_ROLES
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier

OVER = ("rejected", "withdrawn", "failed")  # dispatches that told nobody: their items may be proposed again


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: whom to tell about which identifiers, and why this recipient.

    `recipient` None: nobody is known who could act (a notice), or a person must choose (a referral).
    `preset` says whether the panel ticks it. `words` are the analyst's own, for this line only.
    """

    recipient: Recipient | None
    kind: str
    identifiers: Sequence[Identifier]
    reason: str
    words: str = ""
    preset: bool = True


def suggest(case: Case, city: str | None = None) -> list[Line]:
    """The lines for what a person confirmed as reported; `city` (a key of lib/places) overrules the subject's.

    What was already told to a recipient is left out, so a later plan holds only what is new.
    """
    rows = list(reported(case))
    return _lines(case, rows, city, sealed_keys(case)) if rows else []


def suggest_draft(case: Case) -> list[Line]:
    """The lines of a draft by software: also what nobody has judged yet, so it can never leave as it is.

    Bystanders, hubs, and whatever is a child's or a reporter's in any tip of the case are not in it.
    """
    found = [row for row in cases.identifiers_of(case) if row.role in JOINING_ROLES and not row.listed]
    rows = [row.identifier for row in found if row.identifier is not None]
    return _lines(case, _may_be_told(rows, sealed_keys(case)), None, set())


def suggest_for(case: Case, rows: Sequence[Identifier]) -> list[Line]:
    """The lines for these identifiers alone. The caller sees to it that each of them may be told."""
    return _lines(case, rows, None, set())


def reported(case: Case) -> dict[Identifier, User]:
    """What may be an item of a proposal: each identifier with the person who confirmed it as reported.

    Not what a person marked as a child's or a reporter's in any tip of the case. What only software proposed as
    such is offered with a warning: else a suspect could protect an account by calling it his own in a tip.
    """
    confirmed = dict(cases.reported(case))
    if not confirmed:
        return {}  # what is sealed in a storm is not opened for nothing
    return {row: confirmed[row] for row in _may_be_told(list(confirmed), sealed_keys(case, by_person=True))}


def sealed_keys(case: Case, by_person: bool = False) -> set[str]:
    """Keys of identifiers that are a child's or a reporter's in some tip or finding of the case."""
    mentions = Mention.objects.filter(tip__case_tip__case=case, identifier_sealed__isnull=False)
    findings = case.findings.filter(identifier_sealed__isnull=False)
    if by_person:
        mentions = mentions.filter(role_set_by__isnull=False)
        findings = findings.filter(role_set_by__isnull=False)
    sealed = [*mentions.values_list("identifier_sealed", flat=True)]
    sealed += [*findings.values_list("identifier_sealed", flat=True)]
    return {key_of(*open_identifier(value)) for value in sealed if value is not None}


def _may_be_told(rows: Sequence[Identifier], sealed: set[str]) -> list[Identifier]:
    """Without hubs, what is protected in some tip, and bystanders."""
    listed = covered([(row.kind, row.platform, row.canonical) for row in rows])
    free = (row for row, bystander in zip(rows, listed, strict=True) if not bystander)
    return [row for row in free if row.strength != "hub" and row.key not in sealed]


def _lines(case: Case, identifiers: Sequence[Identifier], city: str | None, careful: set[str]) -> list[Line]:
    if not identifiers:
        return []
    directory, told = Directory(), _told(case)
    notices, orphans = _notices(directory, identifiers, told)
    lines = [*_police(case, directory, identifiers, city, told), *notices]
    if orphans:
        lines.append(Line(None, DispatchKind.NOTICE, orphans, _("No recipient is known."), preset=False))
    return [_warned(line, careful) for line in lines]


def _warned(line: Line, careful: set[str]) -> Line:
    """The line with a warning where software thinks that an item is a reporter's or a child's own."""
    if careful.isdisjoint(row.key for row in line.identifiers):
        return line
    warning = _("Careful: a tip says that one of these is the reporter's or a child's own.")
    return replace(line, reason=f"{line.reason} {warning}", preset=False)


def _told(case: Case) -> set[tuple[int, int]]:
    """(recipient, identifier) of every dispatch of the case that is on its way or was sent."""
    rows = DispatchItem.objects.filter(dispatch__case=case).exclude(dispatch__state__in=("draft", *OVER))
    return set(rows.values_list("dispatch__recipient_id", "identifier_id"))


def _notices(
    directory: Directory, identifiers: Iterable[Identifier], told: set[tuple[int, int]]
) -> tuple[list[Line], list[Identifier]]:
    """A line a recipient, and the identifiers that nobody answers for."""
    grouped: dict[int, tuple[Recipient, list[Identifier]]] = {}
    orphans = []
    for identifier in identifiers:
        found = directory.for_identifier(identifier)
        if not found:
            orphans.append(identifier)
        for recipient in found:
            if (recipient.pk, identifier.pk) not in told:
                grouped.setdefault(recipient.pk, (recipient, []))[1].append(identifier)
    lines = [Line(who, DispatchKind.NOTICE, rows, _why_notice(who, rows)) for who, rows in grouped.values()]
    return sorted(lines, key=lambda line: line.recipient.name if line.recipient else ""), orphans


def _why_notice(recipient: Recipient, rows: Sequence[Identifier]) -> str:
    if recipient.kind == RecipientKind.HOST:
        return _("Answers for hosts under %(suffixes)s.") % {
            "suffixes": ", ".join(suffix.replace(".", "[.]") for suffix in recipient.host_suffixes)
        }
    names = sorted({platform_title(row.platform) or row.platform for row in rows})
    return _("Answers for %(platforms)s.") % {"platforms": ", ".join(names)}


def _police(
    case: Case, directory: Directory, rows: Sequence[Identifier], city: str | None, told: set[tuple[int, int]]
) -> list[Line]:
    """Police of the chosen city, else of the subject's place, else of the places that the tips name."""
    lines: dict[int, Line] = {}
    where = _places(case, city)
    for number, (place, why) in enumerate(where):
        for recipient in directory.police_for(place.city, place.country):
            new = [row for row in rows if (recipient.pk, row.pk) not in told]
            if recipient.pk not in lines and new:
                reason = why if place.city in recipient.cities else f"{why} {_national(place)}"
                lines[recipient.pk] = Line(recipient, DispatchKind.REFERRAL, new, reason, preset=number == 0)
    if lines or any(recipient.pk in {pk for pk, _row in told} for recipient in directory.police):
        return list(lines.values())
    return [*_home(case, directory, rows, [why for _place, why in where]), _choose(rows)]


def _home(case: Case, directory: Directory, rows: Sequence[Identifier], said: Sequence[str]) -> list[Line]:
    """Police of the hotline's own country, who reach the others: for a place whose police we do not know.

    Where no place is known at all (`said` is empty) they are ticked only when a child is in danger now.
    """
    if said:
        why = said[0] + " " + _("The directory has no police there; police of our own country reach them.")
    else:
        why = _("No place is known; police of our own country reach the others.")
    ticked = bool(said) or case.lane == Lane.IMMEDIATE
    return [Line(who, DispatchKind.REFERRAL, rows, why, preset=ticked) for who in directory.home_police()]


def _choose(rows: Sequence[Identifier]) -> Line:
    return Line(
        None, DispatchKind.REFERRAL, rows, _("No place with police that we know: choose."), preset=False
    )


def _places(case: Case, city: str | None) -> list[tuple[Place, str]]:
    """Where police may be competent, best first, with the sentence that says why."""
    if city:
        place = Place.of_city(city)
        return [(place, _("%(city)s was chosen.") % {"city": place.name()})]
    subject = place_of_subject(case)
    if subject:
        return [(subject, _("The subject is in %(place)s.") % {"place": subject.name()})]
    found = []
    for place, tips in places_in_tips(case):
        sentence = ngettext("%(count)s tip names %(city)s.", "%(count)s tips name %(city)s.", tips)
        found.append((place, sentence % {"count": tips, "city": place.name()}))
    return found


def _national(place: Place) -> str:
    return (
        _("That city has no police of its own in the directory; this is the country's.") if place.city else ""
    )
