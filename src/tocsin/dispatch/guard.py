"""What must still be true of a dispatch before it goes a step further."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tocsin.accounts.foureyes import NotAllowed
from tocsin.dispatch.models import Dispatch
from tocsin.dispatch.suggest import reported, sealed_keys
from tocsin.identifiers.catalogue_in_use import extract
from tocsin.identifiers.models import Identifier, key_of
from tocsin.lib import sealing
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier

SHORTEST = 4  # a protected name of fewer characters stands in too many innocent words to be looked for


def still_reported(dispatch: Dispatch) -> bool:
    """Whether every item is, now, confirmed as reported in its case and protected in none of its tips."""
    now = {identifier.pk for identifier in reported(dispatch.case)}
    return all(pk in now for pk in dispatch.items.values_list("identifier_id", flat=True))


def check_words(dispatch: Dispatch) -> None:
    """Refuse own words that name a protected person, another recipient's identifiers, or the case number."""
    words = sealing.unseal(dispatch.words_sealed)
    if not words:
        return
    if dispatch.case.number in words:
        raise NotAllowed(
            _("Your words hold the case number. It never leaves: the recipient has its own reference.")
        )
    found = {key_of(row.kind, row.platform, row.canonical) for row in extract(words).identifiers}
    own = set(dispatch.items.values_list("identifier__key", flat=True))
    if (found - own) & sealed_keys(dispatch.case) or _names_protected(dispatch, words, own):
        raise NotAllowed(_("Your words name the reporter or a child. Take that out."))
    of_case = Identifier.objects.filter(mentions__tip__case_tip__case=dispatch.case, key__in=found - own)
    if of_case.exists():
        raise NotAllowed(
            _("Your words name an identifier of the case that is not this recipient's. Take that out.")
        )


def _names_protected(dispatch: Dispatch, words: str, own: set[str]) -> bool:
    """Whether the words hold, as plain text, a sealed identifier or a reporter's contact."""
    mentions = Mention.objects.filter(tip__case_tip__case=dispatch.case, identifier_sealed__isnull=False)
    sealed = [value for value in mentions.values_list("identifier_sealed", flat=True) if value is not None]
    triples = [triple for value in sealed if key_of(*(triple := open_identifier(value))) not in own]
    names = [canonical.rpartition(":")[2] for _kind, _platform, canonical in triples]
    contacts = dispatch.case.case_tips.filter(tip__contact_sealed__isnull=False)
    names += [sealing.unseal(value) for value in contacts.values_list("tip__contact_sealed", flat=True)]
    folded = words.casefold()
    return any(len(name.strip()) >= SHORTEST and name.strip().casefold() in folded for name in names)
