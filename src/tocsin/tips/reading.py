"""One tip, read for identifiers: what stands in it, and which roles are proposed. Writes nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone

from tocsin.identifiers.bystanders import covered
from tocsin.identifiers.catalogue_in_use import extract
from tocsin.identifiers.extract import Extraction, Found
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.identifiers.store import key_for
from tocsin.lib import places, sealing
from tocsin.tips import bodies, stated
from tocsin.tips.models import Mention, Reading, Tip
from tocsin.tips.sealed import seal_identifier
from tocsin.tips.text import encodable, language


class TipRead:
    """One tip, read: computed outside the transaction."""

    def __init__(self, tip: Tip) -> None:
        self.tip = tip
        text, contact = bodies.text_of(tip), sealing.unseal(tip.contact_sealed)
        sender, city = sealing.unseal(tip.sender_sealed), sealing.unseal(tip.city_sealed)
        self.extraction: Extraction = extract(text)
        own = {key_for(found) for part in (contact, sender) if part for found in extract(part).identifiers}
        every = self.extraction.identifiers
        self.found = {
            key_for(found): found for found in every if encodable(found.canonical) == found.canonical
        }
        self.own = own
        self.roles: dict[str, MentionRole] = {}
        self.facts = _facts(text, city, self.extraction)
        tip.language = tip.language or language(text)  # what the sender chose stays
        tip.contact_tag = sealing.lookup_tag("contact", contact.casefold()) if contact else ""
        tip.sender_tag = sealing.lookup_tag("sender", sender) if sender else ""

    def propose(self, listed: set[str]) -> None:
        """Roles, once it is known which of the keys are on the list of bystanders."""
        self.roles = {key: _proposed(key, found, self.own, listed) for key, found in self.found.items()}

    def plain(self) -> list[Found]:
        """What may be stored readably: neither a reporter's nor a child's."""
        return [found for key, found in self.found.items() if self.roles[key] not in SEALED_ROLES]

    def reading(self) -> Reading:
        """The row that says this tip was read."""
        return Reading(
            tip=self.tip,
            data_version=self.extraction.data_version[:40],
            found=len(self.found),
            truncated=self.extraction.truncated,
            facts_sealed=sealing.seal_json(self.facts) if self.facts else None,
            at=timezone.now(),
        )

    def mentions(self, stored: dict[str, Identifier]) -> list[Mention]:
        """A row an identifier, sealed where the proposed role asks for it."""
        return [self.mention(key, found, stored) for key, found in self.found.items()]

    def mention(self, key: str, found: Found, stored: dict[str, Identifier]) -> Mention:
        """The row of one identifier, in its proposed role."""
        sealed = self.roles[key] in SEALED_ROLES
        return Mention(
            tip=self.tip,
            identifier=None if sealed else stored[key],
            identifier_sealed=seal_identifier(found.kind, found.platform, found.canonical)
            if sealed
            else None,
            strength=found.strength,
            data_version=self.extraction.data_version[:40],
            rule=found.rule[:80],
            start=found.start,
            end=found.end,
            cue=found.cue or ("addressed" if found.addressed else ""),
            role=self.roles[key],
        )


def _facts(text: str, city: str, extraction: Extraction) -> dict[str, list[Any]] | None:
    """What else the text says, to be sealed: fees and counts, cities, who owns what; None where it says nothing."""
    facts: dict[str, list[Any]] = {
        "observations": [asdict(one) for one in stated.observations(text, extraction)],
        "cities": list(dict.fromkeys([*places.cities_in(city), *places.cities_in(text)])),
    }
    if owners := stated.owners(text, extraction):
        facts["owners"] = [list(pair) for pair in owners]
    return facts if any(facts.values()) else None


def _proposed(key: str, found: Found, own: set[str], listed: set[str]) -> MentionRole:
    """Only reporter and bystander are proposed. A "victim" cue is shown, and a person decides."""
    if found.cue == "self" or key in own:
        return MentionRole.REPORTER
    if found.addressed or key in listed:
        return MentionRole.BYSTANDER
    return MentionRole.UNKNOWN


def propose_roles(results: list[TipRead]) -> None:
    """Propose a role for everything that these texts name: one look at the list of bystanders."""
    every = {key: found for result in results for key, found in result.found.items()}
    answers = covered([(found.kind, found.platform, found.canonical) for found in every.values()])
    listed = {key for key, answer in zip(every, answers, strict=True) if answer}
    for result in results:
        result.propose(listed)
