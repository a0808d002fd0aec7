"""What an analyst ticked on the plan panel, turned back into lines of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.cases.models import Case
from tocsin.directory.models import RecipientKind
from tocsin.directory.queries import all_police, by_public_ids
from tocsin.dispatch.models import DispatchKind
from tocsin.dispatch.suggest import Line, reported, suggest
from tocsin.identifiers.models import Identifier


@dataclass(frozen=True, slots=True)
class Offer:
    """A line of the panel with its field names and what is ticked."""

    line: Line
    key: str
    ticked: bool
    items: list[tuple[Identifier, bool]]


def key_of(line: Line) -> str:
    """The value of a line's tick box: `notice:<recipient>`."""
    return f"{line.kind}:{line.recipient.public_id if line.recipient else ''}"


def offers(lines: Sequence[Line], data: QueryDict | None = None) -> list[Offer]:
    """The lines with their ticks: the presets, or what was posted (`line`, and `item` as `<line>/<identifier>`)."""
    found = []
    for line in lines:
        key = key_of(line)
        if data is None:
            items = [(row, True) for row in line.identifiers]
            found.append(Offer(line, key, line.preset, items))
        else:
            chosen = set(data.getlist("item"))
            items = [(row, f"{key}/{row.public_id}" in chosen) for row in line.identifiers]
            found.append(Offer(line, key, key in data.getlist("line"), items))
    return found


def ticked(case: Case, data: QueryDict, words: str, words_police: str) -> list[Line]:
    """The lines that were ticked, with their items and words, and the police chosen from the list.

    Raises `NotAllowed` when a ticked line is not offered any more (the case changed meanwhile).
    """
    shown = offers(suggest(case), data)
    known = {offer.key for offer in shown}
    if set(data.getlist("line")) - known:
        raise NotAllowed(_("The case changed while you planned. Look at the lines again."))
    lines = []
    for offer in shown:
        rows = [row for row, chosen in offer.items if chosen]
        if offer.ticked and rows and offer.line.recipient:
            notice = offer.line.kind == DispatchKind.NOTICE
            lines.append(replace(offer.line, identifiers=rows, words=words if notice else words_police))
    return lines + _chosen_police(case, data, words_police, lines)


def _chosen_police(case: Case, data: QueryDict, words: str, lines: Sequence[Line]) -> list[Line]:
    """A referral of everything reported to the police that the analyst chose from the list."""
    found = by_public_ids([data.get("police", "")])
    there = {line.recipient.pk for line in lines if line.recipient}
    return [
        Line(row, DispatchKind.REFERRAL, list(reported(case)), _("Chosen by the analyst."), words)
        for row in found.values()
        if row.kind == RecipientKind.POLICE and row.pk not in there
    ]


def police_choices() -> list[tuple[str, str]]:
    """(public id, name) of every police recipient."""
    return list(all_police().values_list("public_id", "name"))
