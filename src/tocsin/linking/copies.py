"""Copies: tips that forward one message, so that a message sent on by a thousand people counts once.

A tip gets a sketch of its text (`minhash.py`), and at most eight rows by which tips with a near-identical text are
found for 30 days. Those found are compared by their whole sketches before one is called a copy. What is alike through
others is one message; all its tips point to the one that was received first, in whatever order they came here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from tocsin.identifiers.roles import MentionRole
from tocsin.lib import steps
from tocsin.lib.ask import act, ask, time_of
from tocsin.lib.rows import insert, new
from tocsin.lib.writing import write
from tocsin.linking.minhash import ALIKE, NOTHING, SLOTS, likeness, named, sketch
from tocsin.linking.models import Band, Copy, Sketch
from tocsin.linking.steps import danger_first
from tocsin.tips import bodies
from tocsin.tips.models import Tip

COPIES = "linking.copies"
KEPT = timedelta(days=30)  # so long after a tip, copies of its text are looked for
RENEWED = timedelta(days=1)  # a word-for-word copy gets rows of its own when those it would repeat are older
HITS = 16  # rows of one key: of more, the newest are kept, so that a storm or a stock phrase costs no more
COMPARED = 24  # earlier tips that one is compared with: those that share most of its keys
_OLDEST = (
    "SELECT EXISTS (SELECT 1 FROM linking_sketch WHERE at < %s"
    " AND tip_id = (SELECT tip_id FROM linking_band ORDER BY id LIMIT 1))"
)
_TURN = "SELECT below FROM lib_lowwater WHERE step = %s FOR UPDATE"
_UNDONE = (
    "SELECT id FROM tips_tip WHERE id {among}"
    " AND NOT EXISTS (SELECT 1 FROM linking_sketch WHERE tip_id = tips_tip.id)"
)
_NAMED = 'SELECT tip_id, start, "end", identifier_id, role, strength FROM tips_mention WHERE tip_id {among}'
_OF_KEYS = "SELECT id, key, tip_id FROM linking_band WHERE key {among} ORDER BY id"
_SAID = "SELECT tip_id, signature, at FROM linking_sketch WHERE at >= %s AND tip_id {among}"
_AGES = "SELECT id, received_at FROM tips_tip WHERE id {among}"
_NEEDED = ("danger", "text_tag", "narrative_sealed", "received_at", "body__sealed")


class Fresh(NamedTuple):
    """A tip with its sketch, not yet stored."""

    tip_id: int
    received_at: datetime
    sketch: bytes
    bands: tuple[int, ...]


def copies(limit: int) -> int:
    """Sketch tips that were read and mark copies, a child in danger first; drop rows that are too old.

    The room's other steps do not wait for this one: a tip that breaks here is linked all the same.
    """
    done = forget(limit)
    without = Tip.objects.filter(sketch__isnull=True)
    ready = without.filter(reading__isnull=False).select_related("body").only(*_NEEDED)
    marked = steps.work(COPIES, danger_first(COPIES, ready, limit), mark)
    if marked:
        steps.tidy(COPIES, without, Tip.objects.all(), "recorded_at")
    return done + marked


def forget(limit: int) -> int:
    """Drop at most `limit` tips' rows that are older than `KEPT`; rows are in the order of their age."""
    before = timezone.now() - KEPT
    if not ask(_OLDEST, before)[0][0]:
        return 0
    rows = ask("SELECT id, tip_id FROM linking_band ORDER BY id LIMIT %s", limit * 8)
    aged = ask(
        "SELECT tip_id FROM linking_sketch WHERE at < %s AND tip_id {among}", before, {t for _pk, t in rows}
    )
    tips = {tip for (tip,) in aged}
    with write():
        act("DELETE FROM linking_band WHERE id {among}", [pk for pk, tip in rows if tip in tips])
    return len(tips)


def roots(tip_ids: Iterable[int]) -> dict[int, int]:
    """tip -> the first tip of the message that it forwards, for those that are copies of another."""
    return dict(ask("SELECT tip_id, of_id FROM linking_copy WHERE tip_id {among}", list(tip_ids)))


def mark(tips: Sequence[Tip]) -> None:
    """Sketches of these tips, and which are copies. A handful of statements and one insert a batch of rows.

    Texts are opened outside the transaction; inside, one process at a time looks who is alike. Two workers with the
    same tips: the second one finds them done.
    """
    drawn = list(_drawn(tips))
    with write():
        _gate()
        now = timezone.now()
        todo = _undone(drawn)
        insert([new(Sketch, tip_id=one.tip_id, signature=one.sketch, at=now) for one in todo])
        known = _Known([one for one in todo if one.bands], now)
        alike = {one.tip_id: found for one in todo if (found := known.meet(one))}
        known.store()
        _join({one.tip_id: one.received_at for one in todo}, alike, now)


def _gate() -> None:
    """Wait for one's turn: on PostgreSQL two workers would otherwise each take its tip for the first of a message.

    On SQLite only one transaction writes at a time, whatever it writes.
    """
    if connection.features.has_select_for_update and not ask(_TURN, COPIES):
        act("INSERT INTO lib_lowwater (step, below) VALUES (%s, 0) ON CONFLICT DO NOTHING", COPIES)
        ask(_TURN, COPIES)


def _undone(drawn: Sequence[Fresh]) -> list[Fresh]:
    """Those that are there and have no sketch yet."""
    open_ones = {tip for (tip,) in ask(_UNDONE, [one.tip_id for one in drawn])}
    return [one for one in drawn if one.tip_id in open_ones]


def _drawn(tips: Sequence[Tip]) -> Iterator[Fresh]:
    """The tips with their sketches. Equal texts of a storm are opened once."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    names: dict[int, list[int]] = defaultdict(list)
    for of, start, end, name, role, strength in ask(_NAMED, [tip.pk for tip in tips]):
        spans[of].append((start, end))
        if name is not None and role != MentionRole.BYSTANDER and strength != "hub":
            names[of].append(name)
    seen = dict.fromkeys([""], NOTHING)
    for tip in tips:
        if not (tag := tip.text_tag) or tag not in seen:
            seen[tag] = sketch(bodies.text_of(tip), spans[tip.pk])
        signature, bands = seen[tag]
        said = signature + named(names[tip.pk]) if signature else b""
        yield Fresh(tip.pk, tip.received_at, said, bands)


class _Row(NamedTuple):
    pk: int | None  # None: not stored yet
    tip_id: int


class _Known:
    """The tips that share a key with some of these, and those of these that were met already."""

    def __init__(self, fresh: Sequence[Fresh], now: datetime) -> None:
        self.now = now
        self.keys: dict[int, list[_Row]] = defaultdict(list)
        self.dropped: list[int] = []
        for pk, key, tip in ask(_OF_KEYS, {key for one in fresh for key in one.bands}):
            self.keys[key].append(_Row(pk, tip))
        wanted = {tip for one in fresh for tip in self._candidates(one)}
        rows = ask(_SAID, now - KEPT, wanted) if wanted else ()
        self.sketches = {tip: (bytes(said), time_of(at)) for tip, said, at in rows}

    def _candidates(self, one: Fresh) -> list[int]:
        """The tips that share keys with it: those that share most, the newest first."""
        rows = [row.tip_id for key in one.bands for row in reversed(self.keys.get(key, ()))]
        return [tip for tip, _count in Counter(rows).most_common(COMPARED)] if rows else []

    def meet(self, one: Fresh) -> dict[int, int]:
        """tip -> likeness in percent of those that it is alike; from now on it is known itself."""
        found: dict[int, int] = {}
        for tip in self._candidates(one):
            said, at = self.sketches.get(tip, (b"", self.now))
            if len(said) < SLOTS:
                continue
            if said == one.sketch and at > self.now - RENEWED:
                return {tip: 100}  # whoever is alike the one is alike the other
            if (like := likeness(said, one.sketch)) >= ALIKE:
                found[tip] = int(like * 100)
        if one.bands:
            self.sketches[one.tip_id] = one.sketch, self.now
            self._add(one)
        return found

    def _add(self, one: Fresh) -> None:
        for key in one.bands:
            rows = self.keys[key]
            rows.append(_Row(None, one.tip_id))
            if len(rows) > HITS:
                pushed = rows.pop(0)
                if pushed.pk is not None:
                    self.dropped.append(pushed.pk)

    def store(self) -> None:
        """Write the new rows, and delete those that they pushed out."""
        bands = [
            new(Band, key=key, tip_id=row.tip_id)
            for key, rows in self.keys.items()
            for row in rows
            if row.pk is None
        ]
        bands.sort(key=lambda band: band.tip_id)
        insert(bands)
        if self.dropped:
            act("DELETE FROM linking_band WHERE id {among}", self.dropped)


def _join(fresh: dict[int, datetime], alike: dict[int, dict[int, int]], now: datetime) -> None:
    """Point all tips of a message to its first one, also where new ones show that two messages are one."""
    if not alike:
        return
    others = {tip for found in alike.values() for tip in found} - set(fresh)
    first = roots(others)
    first |= {tip: tip for tip in others if tip not in first}
    old = {tip: time_of(at) for tip, at in ask(_AGES, set(first.values()))}
    best: Counter[int] = Counter()
    groups = _Groups()
    for tip, found in alike.items():
        for other, percent in found.items():
            root = first.get(other, other)
            groups.put(tip, root)
            best[tip], best[root] = max(best[tip], percent), max(best[root], percent)
    ages = {tip: (at, tip) for tip, at in (fresh | old).items()}
    moved: dict[int, int] = {}
    marked = []
    for members in groups.all():
        root = min(members, key=ages.__getitem__)
        marked += [
            new(Copy, tip_id=tip, of_id=root, likeness=best[tip], at=now) for tip in members if tip != root
        ]
        moved |= {tip: root for tip in members if tip != root and tip in old}
    insert(sorted(marked, key=lambda row: row.tip_id))
    for one, root in sorted(moved.items()):  # rare: a message came late, or two that were apart are one
        Copy.objects.filter(of_id=one).update(of_id=root)


class _Groups:
    """Disjoint sets."""

    def __init__(self) -> None:
        self._up: dict[int, int] = {}

    def put(self, one: int, other: int) -> None:
        """They belong together."""
        self._up[self._top(one)] = self._top(other)

    def _top(self, one: int) -> int:
        self._up.setdefault(one, one)
        while (up := self._up[one]) != one:
            self._up[one] = one = self._up[up]
        return one

    def all(self) -> Iterable[list[int]]:
        """The sets."""
        found: dict[int, list[int]] = defaultdict(list)
        for one in self._up:
            found[self._top(one)].append(one)
        return found.values()
