"""One tip, read for identifiers: what stands in it, and which roles are proposed. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from django.utils import timezone

from tocsin.identifiers.bystanders import covered_rows
from tocsin.identifiers.catalogue_in_use import extract
from tocsin.identifiers.extract import Extraction, Found
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.identifiers.store import key_for
from tocsin.lib import places, sealing
from tocsin.lib.rows import new
from tocsin.tips import bodies, stated
from tocsin.tips.models import Mention, Reading, Tip
from tocsin.tips.sealed import seal_identifier
from tocsin.tips.text import encodable, language

# of a tip, to read it
NEEDED = (
    "danger",
    "language",
    "narrative_sealed",
    "body__sealed",
    "contact_sealed",
    "contact_tag",
    "sender_sealed",
    "sender_tag",
    "city_sealed",
)


class Told(NamedTuple):
    """What a text says, whoever sent it."""

    extraction: Extraction
    found: dict[str, Found]
    language: str
    cities: list[str]
    facts: dict[str, list[Any]]


def told(texts: Sequence[str]) -> list[Told]:
    """All that is read in these texts. One kind of reading after the other: a sixth faster than text by text, as each
    has the processor's own memory to itself."""
    extractions = [extract(text) for text in texts]
    languages = [language(text) for text in texts]
    cities = [places.cities_in(text) for text in texts]
    return [
        Told(
            extraction,
            {key_for(one): one for one in extraction.identifiers if _storable(one.canonical)},
            languages[at],
            cities[at],
            _facts(texts[at], extraction),
        )
        for at, extraction in enumerate(extractions)
    ]


class TipRead:
    """One tip, read: computed outside the transaction. `said`: what its text says, if that is known already."""

    def __init__(self, tip: Tip, said: Told | None = None) -> None:
        self.tip = tip
        said = said or told([bodies.text_of(tip)])[0]
        contact, sender, city = map(sealing.unseal, (tip.contact_sealed, tip.sender_sealed, tip.city_sealed))
        self.extraction, self.found = said.extraction, said.found
        self.own = {
            key_for(found) for part in (contact, sender) if part for found in extract(part).identifiers
        }
        self.roles: dict[str, MentionRole] = {}
        cities = list(dict.fromkeys([*places.cities_in(city), *said.cities])) if city else said.cities
        facts = said.facts | {"cities": cities}
        self.facts = facts if any(facts.values()) else None
        before = tip.language, tip.contact_tag, tip.sender_tag
        tip.language = tip.language or said.language  # what the sender chose stays
        tip.contact_tag = sealing.lookup_tag("contact", contact.casefold()) if contact else ""
        tip.sender_tag = sealing.lookup_tag("sender", sender) if sender else ""
        self.language_told = tip.language != before[0]
        self.retagged = (tip.contact_tag, tip.sender_tag) != before[1:]

    def propose(self, listed: set[str]) -> None:
        """Roles, once it is known which of the keys are on the list of bystanders."""
        self.roles = {key: _proposed(key, found, self.own, listed) for key, found in self.found.items()}

    def plain(self) -> list[Found]:
        """What may be stored readably: neither a reporter's nor a child's."""
        return [found for key, found in self.found.items() if self.roles[key] not in SEALED_ROLES]

    def reading(self) -> Reading:
        """The row that says this tip was read."""
        return new(
            Reading,
            tip_id=self.tip.pk,
            data_version=self.extraction.data_version[:40],
            found=len(self.found),
            truncated=self.extraction.truncated,
            facts_sealed=sealing.seal_json(self.facts) if self.facts else None,
            at=timezone.now(),
        )

    def mentions(self, stored: dict[str, int]) -> list[Mention]:
        """A row an identifier, sealed where the proposed role asks for it. `stored`: primary keys by key."""
        return [self._mention(key, found, stored.get(key)) for key, found in self.found.items()]

    def mention(self, key: str, found: Found, stored: dict[str, Identifier]) -> Mention:
        """The row of one identifier, in its proposed role."""
        return self._mention(key, found, stored[key].pk if key in stored else None)

    def _mention(self, key: str, found: Found, stored: int | None) -> Mention:
        sealed = self.roles[key] in SEALED_ROLES
        return new(
            Mention,
            tip_id=self.tip.pk,
            identifier_id=None if sealed else stored,
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


def _storable(canonical: str) -> bool:
    return canonical.isascii() or encodable(canonical) == canonical


def _facts(text: str, extraction: Extraction) -> dict[str, list[Any]]:
    """What else the text says, to be sealed: fees and counts, cities (by `TipRead`), who owns what."""
    facts: dict[str, list[Any]] = {
        "observations": [asdict(one) for one in stated.observations(text, extraction)],
        "cities": [],
    }
    if owners := stated.owners(text, extraction):
        facts["owners"] = [list(pair) for pair in owners]
    return facts


def _proposed(key: str, found: Found, own: set[str], listed: set[str]) -> MentionRole:
    """Only reporter and bystander are proposed. A "victim" cue is shown, and a person decides."""
    if found.cue == "self" or key in own:
        return MentionRole.REPORTER
    if found.addressed or key in listed:
        return MentionRole.BYSTANDER
    return MentionRole.UNKNOWN


def read_all(tips: Sequence[Tip]) -> list[TipRead]:
    """All these tips, with the roles that are proposed. A text that several tips share is opened and read once."""
    texts: dict[int, str] = {}
    for tip in tips:
        if _text_key(tip) not in texts:
            texts[_text_key(tip)] = bodies.text_of(tip)
    said = dict(zip(texts, told(list(texts.values())), strict=True))
    results = [TipRead(tip, said[_text_key(tip)]) for tip in tips]
    propose_roles(results)
    return results


def _text_key(tip: Tip) -> int:
    """One number for each text: of the body that tips share, or of the tip."""
    return -tip.pk if tip.body_id is None else tip.body_id


def propose_roles(results: list[TipRead]) -> None:
    """Propose a role for everything that these texts name: one look at the list of bystanders."""
    every = {key: found for result in results for key, found in result.found.items()}
    answers = covered_rows((key, found.kind, found.canonical) for key, found in every.items())
    listed = {key for key, answer in zip(every, answers, strict=True) if answer}
    for result in results:
        result.propose(listed)
