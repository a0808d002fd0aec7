"""The worker's two steps of this room: read what came in, and tell reporters how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.utils import timezone

from tocsin.identifiers.bystanders import covered
from tocsin.identifiers.catalogue_in_use import extract
from tocsin.identifiers.extract import Extraction, Found
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import SEALED_ROLES, MentionRole
from tocsin.identifiers.store import store
from tocsin.lib import places, sealing, steps
from tocsin.lib.writing import write
from tocsin.tips import copies
from tocsin.tips.models import Mention, Reading, ReporterCopy, Tip
from tocsin.tips.sealed import seal_identifier
from tocsin.tips.text import encodable, language

READ, PROGRESS = "tips.read", "tips.progress"


def read(limit: int) -> int:
    """Narratives -> mentions, each in a proposed role. Tips with a child in danger come first."""
    unread = Tip.objects.filter(reading__isnull=True)
    urgent = steps.pending(READ, unread.filter(danger="yes"), limit)
    done = steps.work(READ, urgent, _read) if urgent else 0
    left = limit - len(urgent)
    rest = steps.pending(READ, unread.exclude(danger="yes"), left) if left else []
    done += steps.work(READ, rest, _read)
    if done:
        steps.settle(READ, unread, Tip.objects.all(), "recorded_at")
    return done


def progress(limit: int) -> int:
    """Rewrite the reporters' copies that are older than their tips."""
    return steps.work(PROGRESS, steps.pending(PROGRESS, Tip.objects.filter(copy_due=True), limit), _tell)


class _Read:
    """One tip, read: computed outside the transaction."""

    def __init__(self, tip: Tip) -> None:
        self.tip = tip
        text, contact = sealing.unseal(tip.narrative_sealed), sealing.unseal(tip.contact_sealed)
        sender, city = sealing.unseal(tip.sender_sealed), sealing.unseal(tip.city_sealed)
        self.extraction: Extraction = extract(text)
        own = {_key(found) for part in (contact, sender) if part for found in extract(part).identifiers}
        every = self.extraction.identifiers
        self.found = {_key(found): found for found in every if encodable(found.canonical) == found.canonical}
        self.own = own
        self.roles: dict[str, MentionRole] = {}
        observations = [asdict(observation) for observation in self.extraction.observations]
        cities = list(dict.fromkeys([*places.cities_in(city), *places.cities_in(text)]))
        self.facts = {"observations": observations, "cities": cities} if observations or cities else None
        tip.language = language(text, tip.language)
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
        return [self._mention(key, found, stored) for key, found in self.found.items()]

    def _mention(self, key: str, found: Found, stored: dict[str, Identifier]) -> Mention:
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


def _key(found: Found) -> str:
    return key_of(found.kind, found.platform, found.canonical)


def _proposed(key: str, found: Found, own: set[str], listed: set[str]) -> MentionRole:
    """Only reporter and bystander are proposed. A "victim" cue is shown, and a person decides."""
    if found.cue == "self" or key in own:
        return MentionRole.REPORTER
    if found.addressed or key in listed:
        return MentionRole.BYSTANDER
    return MentionRole.UNKNOWN


def _read(tips: Sequence[Tip]) -> None:
    results = [_Read(tip) for tip in tips]
    _propose(results)
    with write():
        ids = _locked([tip.pk for tip in tips])
        done = set(Reading.objects.filter(tip__in=ids).values_list("tip_id", flat=True))
        mine = [result for result in results if result.tip.pk in ids and result.tip.pk not in done]
        stored = store([found for result in mine for found in result.plain()])
        Reading.objects.bulk_create([result.reading() for result in mine])
        Mention.objects.bulk_create([mention for result in mine for mention in result.mentions(stored)])
        changed = [result.tip for result in mine]
        Tip.objects.bulk_update(changed, ["language", "contact_tag", "sender_tag"], batch_size=200)


def _propose(results: list[_Read]) -> None:
    every = {key: found for result in results for key, found in result.found.items()}
    answers = covered([(found.kind, found.platform, found.canonical) for found in every.values()])
    listed = {key for key, answer in zip(every, answers, strict=True) if answer}
    for result in results:
        result.propose(listed)


def _tell(tips: Sequence[Tip]) -> None:
    with write():
        ids = _locked([tip.pk for tip in tips])
        ReporterCopy.objects.bulk_create(
            [copies.row(tip) for tip in Tip.objects.filter(pk__in=ids)],
            update_conflicts=True,
            unique_fields=["tag"],
            update_fields=["sealed", "updated_at"],
        )
        Tip.objects.filter(pk__in=ids).update(copy_due=False)


def _locked(ids: list[int]) -> list[int]:
    """The tips that are there, locked until the transaction ends: two workers do not do the same one."""
    rows = Tip.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return list(rows.values_list("pk", flat=True))
