"""Reading cases: the queue, one case and what is in it, and why. Each takes the user where access depends on one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case as When_
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tocsin.accounts import policy
from tocsin.accounts.models import User
from tocsin.cases import events, signals
from tocsin.cases.contents import CaseIdentifier, among, identifiers_of
from tocsin.cases.models import LANE_ORDER, Case, CaseEvent, CaseState, CaseTip, Finding, Flag
from tocsin.identifiers import bystanders
from tocsin.identifiers.catalogue_in_use import canonical_from, in_use
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier, key_of
from tocsin.identifiers.roles import MentionRole
from tocsin.identifiers.store import key_for
from tocsin.lib import sealing
from tocsin.lib.ask import ask
from tocsin.linking.models import Degree
from tocsin.linking.reporters import UNKNOWN_MOST
from tocsin.tips.models import Mention, Reading, Tip

__all__ = ["CaseIdentifier", "identifiers_of"]

OUT_OF_SIGHT = (CaseState.MERGED, CaseState.CLOSED)  # not in the queue unless asked for
MOST_BACK = 500  # closed cases with new tips that stand among the open ones: the newest
NAMED_READ = 5_000  # of so many tips that name what is searched, the newest, the cases are shown
FACTS_READ = (
    200  # of so many tips, the newest, a page opens what they state: a storm of tips must not stop it
)


# --- the queue -----------------------------------------------------------------------------------------------


def queue(
    user: User,
    lane: str | None = None,
    state: str | None = None,
    q: str | None = None,
    language: str | None = None,
) -> QuerySet[Case]:
    """Cases for the analysts' list, immediate first, then the most urgent, then the newest tip first; each with `tips_count`.

    Closed cases appear only when `state` asks for them, or when new tips propose reopening (`new_tips`). `q` is a
    case number (or its beginning) or anything that names an identifier: an address, "weibo: handle". `language`: at least one tip is in it (ISO 639-1).
    """
    if not policy.allowed(user, "case.read"):
        return Case.objects.none()
    if state == CaseState.MERGED:
        return Case.objects.none()  # it is in the case in which it lives on
    cases: QuerySet[Case] = Case.objects.annotate(new_tips=_new_tips())
    cases = cases.filter(state=state) if state else cases.filter(_in_sight())
    if lane:  # the rank too: by it the index is in order
        cases = cases.filter(lane=lane, lane_rank__in=[n for code, n in LANE_ORDER.items() if code == lane])
    if q and q.strip():
        cases = _search(cases, q.strip())
    if language:
        tips = CaseTip.objects.filter(_in_language(language), case=OuterRef("pk"))
        cases = cases.filter(Exists(tips))
    count = (
        CaseTip.objects.filter(case=OuterRef("pk"))
        .order_by()
        .values("case")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return cases.annotate(tips_count=Coalesce(Subquery(count), Value(0))).order_by(
        "lane_rank", "-urgency", "-last_received_at", "-pk"
    )


def _in_language(code: str) -> Q:
    """A tip in this language, whatever its country: `zh` is also `zh-hans`."""
    return Q(tip__language=code) | Q(tip__language__startswith=f"{code}-")


def _new_tips() -> Exists:
    """Whether tips came after the case was closed, and nobody has decided yet whether it is reopened."""
    waiting = Flag.objects.filter(kind="reopen", settled_at__isnull=True)
    return Exists(waiting.filter(case=OuterRef("pk"), case__state=CaseState.CLOSED))


def _in_sight() -> Q:
    """Open cases, and closed ones that could reopen, of which there are few. One query."""
    waiting = Flag.objects.filter(kind="reopen", settled_at__isnull=True).order_by("-at")
    back = list(waiting.values_list("case_id", flat=True)[:MOST_BACK])
    # said by what is left out: named one by one, the open states are found by an index and then put in order
    in_sight = ~Q(state__in=OUT_OF_SIGHT)
    return in_sight | Q(state=CaseState.CLOSED, pk__in=back) if back else in_sight


def _search(cases: QuerySet[Case], q: str) -> QuerySet[Case]:
    if q.replace("-", "").isdigit():
        exact = Case.objects.filter(number=q).first()
        if exact is not None:
            return cases.filter(pk=heir_of(exact).pk)
        by_number = Q(number__startswith=q)
        if connection.vendor == "sqlite":  # its LIKE reads every row; PostgreSQL has an index for it
            by_number = Q(number__gte=q, number__lt=q + ":")  # ":" follows the digits
        if cases.filter(by_number).exists():
            return cases.filter(by_number)
    ids = _ids_of(q)
    return cases.filter(pk__in=among(_naming(ids))) if ids else cases.none()


def _ids_of(q: str) -> list[int]:
    """The identifiers (ids) that this text names. One query, by their keys."""
    keys = [key_for(found) for found in canonical_from(q)] + _keys_of_shown(q)
    return list(Identifier.objects.filter(key__in=keys).values_list("pk", flat=True))


def is_named_too_often(q: str) -> bool:
    """Whether more tips name what is searched than a search reads. Two queries."""
    return Degree.objects.filter(identifier__in=_ids_of(q.strip()), tips__gt=NAMED_READ).exists()


def _naming(ids: list[int]) -> set[int]:
    """The cases (ids) in which one of these is named: by the newest `NAMED_READ` tips that do, or by an analyst."""
    newest = (
        "SELECT DISTINCT c.case_id FROM (SELECT tip_id FROM tips_mention WHERE identifier_id = %s"
        " ORDER BY id DESC LIMIT %s) m JOIN cases_casetip c ON c.tip_id = m.tip_id"
    )
    named = {case for pk in ids for (case,) in ask(newest, pk, NAMED_READ)}
    return named | set(Finding.objects.filter(identifier_id__in=ids).values_list("case_id", flat=True))


def _keys_of_shown(q: str) -> list[str]:
    """Keys of everything that a page shows as this text: a bare handle, number or `uid:…`, on any platform.

    Keys are tried for every known form, so the look-up stays one indexed query.
    """
    text = q.strip().removeprefix("@").replace("[.]", ".").replace("[at]", "@")
    if not text or any(sign.isspace() for sign in text):
        return []
    spellings = {text, text.lower()}
    return [
        key_of(form.kind, name, prefix + spelling)
        for name, platform in in_use().platforms.items()
        for form in platform.forms
        for prefix in {"", _prefix(form.canonical)}
        for spelling in spellings
    ]


def _prefix(template: str) -> str:
    """What stands before the first blank of a canonical template: `uid:` of `uid:{uid}`."""
    head = template.partition("{")[0]
    return head if head.isascii() else ""


def loose(user: User) -> QuerySet[Tip]:
    """Tips that are in no case, the most urgent first, then the newest."""
    if not policy.allowed(user, "case.read"):
        return Tip.objects.none()
    ranks = [When(scored__lane=lane.value, then=Value(rank)) for lane, rank in LANE_ORDER.items()]
    rank = When_(*ranks, default=Value(2), output_field=IntegerField())
    tips = Tip.objects.filter(placed__loose=True).select_related("scored")
    return tips.annotate(lane_rank=rank).order_by("lane_rank", "-received_at", "-pk")


def case_for(user: User, number: str) -> Case:
    """The case of this number; an old number leads to the case that lives on. Otherwise `Http404`."""
    found = Case.objects.filter(number=number).first()
    case = heir_of(found) if found is not None else None
    if case is None or not policy.allowed(user, "case.read", case):
        raise Http404
    return case


def heir_of(case: Case) -> Case:
    """The case in which a merged one lives on; a live case itself."""
    while case.merged_into_id is not None:
        case = Case.objects.get(pk=case.merged_into_id)
    return case


def old_numbers(case: Case) -> list[str]:
    """All numbers that lead to this case, also over several merges. A query for each length of the way."""
    found: list[str] = []
    front = [case.pk]
    while front:
        rows = list(Case.objects.filter(merged_into__in=front).values_list("pk", "number"))
        found += [number for _pk, number in rows]
        front = [pk for pk, _number in rows]
    return sorted(found)


def lane_sentences(case: Case) -> list[str]:
    """Why the case is in its lane, in the reader's language, the weightiest reason first."""
    language = get_language() or "en"
    sentences = []
    for reason in case.lane_reasons:
        text, tips = signals.sentence(reason["signal"], language), reason["tips"]
        if (one := signals.load().by_name.get(reason["signal"])) and one.computed == "several_reporters":
            text = f"{text} ({reporters_sentence(case)})"
        elif tips > 1:
            text += ngettext(" (%(n)d tip)", " (%(n)d tips)", tips) % {"n": tips}
        sentences.append(text)
    return sentences


def reporters_sentence(case: Case) -> str:
    """How many independent reporters a case has, and how those count of whom nothing is known."""
    n, most = Decimal(case.reporters).normalize(), UNKNOWN_MOST // 2
    said = _(
        "independent reporters: %(n)s; each of whom nothing is known counts half, together at most %(most)d"
    )
    return said % {"n": formats.number_format(n), "most": most}


def actionability_sentences(case: Case) -> list[str]:
    """What there is to act on, in the reader's language, with the points; never a part of urgency."""
    language = get_language() or "en"
    return [
        f"{signals.sentence(reason['signal'], language)} (+{reason['points']})"
        for reason in case.actionability_reasons
    ]


# --- one case ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TipLine:
    """A tip of a case, and what put it there."""

    tip: Tip
    at: datetime  # when it joined
    because: list[Identifier]  # empty: it opened the case
    why: list[str]  # the same in words, inert


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the timeline; unpacks as (at, sentence, actor, kind)."""

    at: datetime
    sentence: str
    actor: str
    kind: str
    facts: dict[str, Any]

    def __iter__(self) -> Any:
        return iter((self.at, self.sentence, self.actor, self.kind))


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note, opened for a person who reads the case."""

    at: datetime
    by: User
    text: str


@dataclass(frozen=True, slots=True)
class ObservationLine:
    """A fact that reporters state beside an identifier, and in how many tips. Grade: said by reporters."""

    kind: str  # fee, count, pgp, analytics
    value: str
    unit: str | None  # ISO 4217, or None where the text does not tell
    period: str | None
    tips: int


def tips_of(case: Case, language: str = "") -> list[TipLine]:
    """The case's tips (of one language), oldest first, each with the identifiers that put it there. Three queries."""
    return lines_of(places_of(case, language))


def places_of(case: Case, language: str = "") -> QuerySet[CaseTip]:
    """The rows behind `tips_of`, not yet read: take a page of them, then `lines_of` it."""
    places = case.case_tips.filter(_in_language(language)) if language else case.case_tips.all()
    return places.select_related("tip").order_by("tip__received_at", "tip_id")


def lines_of(places: Iterable[CaseTip]) -> list[TipLine]:
    """These tips of a case with the identifiers that put each there. One query beside that of `places`."""
    rows = list(places)
    wanted = {public_id for row in rows for public_id in row.because}
    known = {row.public_id: row for row in Identifier.objects.filter(public_id__in=wanted)}
    lines = []
    for row in rows:
        because = [known[public_id] for public_id in row.because if public_id in known]
        lines.append(TipLine(row.tip, row.at, because, _why(row, because)))
    return lines


def languages_of(case: Case) -> list[tuple[str, int]]:
    """(language, how many tips are in it), the most frequent first. One query."""
    counts: Counter[str] = Counter()
    rows = case.case_tips.exclude(tip__language="").order_by().values_list("tip__language")
    for code, n in rows.annotate(n=Count("pk")):
        counts[code.partition("-")[0]] += n
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def said_of(case: Case) -> list[tuple[str, int]]:
    """(what the reporters chose, in how many tips), the most frequent first, at most three. One query."""
    return _most(case, "tip__what")


def countries_of(case: Case) -> list[tuple[str, int]]:
    """(country that the reporters chose, in how many tips), the most frequent first, at most three. One query."""
    return _most(case, "tip__place")


def _most(case: Case, field: str) -> list[tuple[str, int]]:
    rows = case.case_tips.exclude(**{field: ""}).values_list(field).annotate(n=Count("pk"))
    return list(rows.order_by("-n", field)[:3])


def _why(row: CaseTip, because: list[Identifier]) -> list[str]:
    if not row.because:
        return [_("opened the case")]
    if not because:
        return [_("joined by an identifier that is sealed now")]
    return [_("joined by %(identifier)s (%(strength)s)") % _named(one) for one in because]


def _named(identifier: Identifier) -> dict[str, str]:
    shown = display(identifier.kind, identifier.platform, identifier.canonical)
    return {
        "identifier": f"{identifier.kind}/{identifier.platform} {shown}",
        "strength": identifier.strength,
    }


def timeline(case: Case, most: int | None = None) -> list[EventLine]:
    """The events (the newest `most`; None: all), newest first, in words.

    Two queries, and one for each kind of actor that another room names.
    """
    return event_lines(events_of(case)[:most])


def events_of(case: Case) -> QuerySet[CaseEvent]:
    """The rows behind `timeline`, newest first, not yet read: take a page of them, then `event_lines` it."""
    return case.events.order_by("-at", "-pk")


def event_lines(found: Iterable[CaseEvent]) -> list[EventLine]:
    """These events in words."""
    rows = list(found)
    labels = events.actor_labels(row.actor for row in rows)
    return [
        EventLine(row.at, events.sentence(row.kind, row.facts), labels[row.actor], row.kind, row.facts)
        for row in rows
    ]


def notes_of(case: Case) -> list[NoteLine]:
    """The notes, newest first. One query."""
    rows = case.notes.select_related("by").order_by("-at", "-pk")
    return [NoteLine(row.at, row.by, sealing.unseal(row.text_sealed)) for row in rows]


def reported(case: Case) -> list[tuple[Identifier, User]]:
    """What a person confirmed as *reported*, with that person: all that may enter a dispatch. No bystanders."""
    role = {"role": MentionRole.REPORTED, "role_set_by__isnull": False, "identifier__isnull": False}
    mentions = Mention.objects.filter(tip__case_tip__case=case, **role)
    findings = Finding.objects.filter(case=case, **role)
    by_identifier: dict[int, tuple[Identifier, User]] = {}
    rows = [*mentions.select_related("identifier", "role_set_by").order_by("-role_set_at", "pk")]
    rows += findings.select_related("identifier", "role_set_by").order_by("pk")  # type: ignore[arg-type]
    for row in rows:
        if row.identifier is not None and row.role_set_by is not None:
            by_identifier.setdefault(row.identifier.pk, (row.identifier, row.role_set_by))
    pairs = list(by_identifier.values())
    listed = bystanders.covered([(one.kind, one.platform, one.canonical) for one, _user in pairs])
    return [pair for pair, is_listed in zip(pairs, listed, strict=True) if not is_listed]


def facts_of(case: Case) -> list[dict[str, Any]]:
    """What the newest `FACTS_READ` tips state (cities, observations), opened, oldest first. Two queries."""
    # ids first: with what is sealed in them, the rows of a whole storm would be put in order
    newest = ask(
        "SELECT r.id FROM cases_casetip c JOIN tips_reading r ON r.tip_id = c.tip_id"
        " WHERE c.case_id = %s AND r.facts_sealed IS NOT NULL ORDER BY r.tip_id DESC LIMIT %s",
        case.pk,
        FACTS_READ,
    )
    rows = Reading.objects.filter(pk__in=[pk for (pk,) in newest]).order_by("tip_id")
    return [sealing.unseal_json(value) for value in rows.values_list("facts_sealed", flat=True)]


def proposed_cities(case: Case, facts: list[dict[str, Any]] | None = None) -> list[tuple[str, int]]:
    """(city key, how many of the newest tips name it), the most named first. `facts`: those of `facts_of`."""
    stated = facts_of(case) if facts is None else facts
    counts = Counter(city for one in stated for city in set(one.get("cities", ())))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def observations_of(case: Case, facts: list[dict[str, Any]] | None = None) -> list[ObservationLine]:
    """Fees, member counts and the like, as the newest tips state them, each once with the number of tips."""
    counts: Counter[tuple[str, str, str | None, str | None]] = Counter()
    for one in facts_of(case) if facts is None else facts:
        stated = {(o["kind"], o["value"], o["unit"], o["period"]) for o in one.get("observations", ())}
        counts.update(stated)
    rows = sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1]))
    return [ObservationLine(*stated, tips=tips) for stated, tips in rows]
