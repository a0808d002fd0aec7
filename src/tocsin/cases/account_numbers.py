"""A person answers the question for an account's number: it is written down, or cannot be read any more."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.cases import findings, flags, queries
from tocsin.cases.models import Case, Finding, Flag
from tocsin.cases.wanted import UNREADABLE, WRITTEN, begins_of, has_number, is_number
from tocsin.cases.working import locked
from tocsin.identifiers.catalogue_in_use import canonical_from
from tocsin.identifiers.extract import Found
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.identifiers.store import key_for, store
from tocsin.lib.writing import write


def write_number(case: Case, user: User, public_id: str, text: str) -> Identifier:
    """A person read the number behind a reported name: it becomes a finding, marked as reported.

    `text`: the number alone, or an address that holds it. Raises `NotAllowed` with a sentence.
    """
    with write():
        row = locked(case)
        handle = _handle(row, public_id)
        number = _read(handle, text)
        found = store([number])[key_for(number)]
        _answer(row, user, handle, WRITTEN, number=found.public_id)
        if not Finding.objects.filter(case=row, identifier=found).exists():
            typed = f"{handle.platform}: {number.canonical}"
            findings.add(row, user, typed, role=MentionRole.REPORTED)
    return found


def unreadable(case: Case, user: User, public_id: str) -> None:
    """A person looked: the number cannot be read (any more). Raises `NotAllowed` with a sentence."""
    with write():
        row = locked(case)
        _answer(row, user, _handle(row, public_id), UNREADABLE)


def _handle(case: Case, public_id: str) -> Identifier:
    rows = [row for row, _user in queries.reported(case) if row.public_id == public_id and has_number(row)]
    if not rows:
        raise NotAllowed(_("This account is not marked as reported in the case: look at the page again."))
    return rows[0]


def _read(handle: Identifier, text: str) -> Found:
    """The number in what was typed."""
    typed = [f"{handle.platform}: {begins}{text.strip()}" for begins in begins_of(handle.platform)]
    for spelling in [text, f"{handle.platform}: {text.strip()}", *typed]:
        for one in canonical_from(spelling):
            if one.platform == handle.platform and is_number(one):
                return one
    raise NotAllowed(_("This is no number of an account there: write the number alone, or its address."))


def _answer(case: Case, user: User, handle: Identifier, how: str, **facts: str) -> None:
    flags.raise_flag(case, flags.NUMBER_WANTED, handle.public_id, platform=handle.platform)
    flag = Flag.objects.get(
        case=case, kind=flags.NUMBER_WANTED, about=handle.public_id, settled_at__isnull=True
    )
    flag.facts = {**flag.facts, **facts}
    flag.save(update_fields=["facts"])
    flags.settle(flag.public_id, user, how)
