"""The worker's steps of this room: read what came in, tell reporters how far it is, forget networks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from tocsin.identifiers.store import store_ids
from tocsin.lib import steps
from tocsin.lib.ask import act, ask
from tocsin.lib.rows import insert, update
from tocsin.lib.writing import write
from tocsin.tips import copies
from tocsin.tips.models import ReporterCopy, Tip
from tocsin.tips.reading import NEEDED, TipRead, read_all

READ, PROGRESS = "tips.read", "tips.progress"
NETWORK_KEPT = timedelta(days=1)
_THERE = "SELECT id FROM tips_tip WHERE id {among}"
_LOCKED = "SELECT id FROM tips_tip WHERE id {among} ORDER BY id FOR UPDATE"


def read(limit: int) -> int:
    """Narratives -> mentions, each in a proposed role. Tips with a child in danger come first."""
    unread = Tip.objects.filter(reading__isnull=True)
    lean = unread.select_related("body").only(*NEEDED)
    ready = steps.pending(READ, lean, limit, first=("danger", "yes"))
    urgent = [tip for tip in ready if tip.danger == "yes"]
    done = steps.work(READ, urgent, _read) + steps.work(READ, ready[len(urgent) :], _read)
    if done:
        steps.tidy(READ, unread, Tip.objects.all(), "recorded_at")
    return done


def progress(limit: int) -> int:
    """Rewrite the reporters' copies that are older than their tips."""
    return steps.work(PROGRESS, steps.pending(PROGRESS, Tip.objects.filter(copy_due=True), limit), _tell)


def forget(limit: int) -> int:
    """Erase the number of the network from tips that are a day old: it only tells apart who writes within the hour."""
    old = Tip.objects.filter(network__isnull=False, recorded_at__lt=timezone.now() - NETWORK_KEPT)
    ids = list(old.order_by("recorded_at").values_list("pk", flat=True)[:limit])
    if ids:
        with write():
            Tip.objects.filter(pk__in=ids).update(network=None)
    return len(ids)


def _read(tips: Sequence[Tip]) -> None:
    results = read_all(tips)
    with write():
        ids = _locked([tip.pk for tip in tips])
        ids -= {tip for (tip,) in ask("SELECT tip_id FROM tips_reading WHERE tip_id {among}", list(ids))}
        mine = [result for result in results if result.tip.pk in ids]
        stored = store_ids([found for result in mine for found in result.plain()])
        insert([result.reading() for result in mine])
        insert([mention for result in mine for mention in result.mentions(stored)])
        _update(mine)


def _update(results: Sequence[TipRead]) -> None:
    """Most tips have no contact and no sender: of those only the language is written, once for each language."""
    update([one.tip for one in results if one.retagged], ["language", "contact_tag", "sender_tag"])
    told: dict[str, list[int]] = {}
    for one in results:
        if one.language_told and not one.retagged:
            told.setdefault(one.tip.language, []).append(one.tip.pk)
    for language, tips in told.items():
        act("UPDATE tips_tip SET language = %s WHERE id {among}", language, tips)


def _tell(tips: Sequence[Tip]) -> None:
    with write():
        ids = _locked([tip.pk for tip in tips])
        ReporterCopy.objects.bulk_create(
            [copies.row(tip) for tip in Tip.objects.filter(pk__in=ids)],
            update_conflicts=True,
            unique_fields=["tag"],
            update_fields=["box_tag", "sealed", "updated_at"],
        )
        Tip.objects.filter(pk__in=ids).update(copy_due=False)


def _locked(ids: list[int]) -> set[int]:
    """The tips that are there, locked until the transaction ends: two workers do not do the same one."""
    return {tip for (tip,) in ask(_LOCKED if connection.features.has_select_for_update else _THERE, ids)}
