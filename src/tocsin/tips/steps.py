"""The worker's steps of this room: read what came in, tell reporters how far it is, forget networks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from tocsin.identifiers.store import store
from tocsin.lib import steps
from tocsin.lib.writing import write
from tocsin.tips import copies
from tocsin.tips.models import Mention, Reading, ReporterCopy, Tip
from tocsin.tips.reading import TipRead, propose_roles

READ, PROGRESS = "tips.read", "tips.progress"
NETWORK_KEPT = timedelta(days=1)


def read(limit: int) -> int:
    """Narratives -> mentions, each in a proposed role. Tips with a child in danger come first."""
    unread = Tip.objects.filter(reading__isnull=True)
    ready = steps.pending(READ, unread, limit, first=("danger", "yes"))
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
    results = [TipRead(tip) for tip in tips]
    propose_roles(results)
    with write():
        ids = _locked([tip.pk for tip in tips])
        done = set(Reading.objects.filter(tip__in=ids).values_list("tip_id", flat=True))
        mine = [result for result in results if result.tip.pk in ids and result.tip.pk not in done]
        stored = store([found for result in mine for found in result.plain()])
        Reading.objects.bulk_create([result.reading() for result in mine])
        Mention.objects.bulk_create([mention for result in mine for mention in result.mentions(stored)])
        changed = [result.tip for result in mine]
        Tip.objects.bulk_update(changed, ["language", "contact_tag", "sender_tag"], batch_size=200)


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


def _locked(ids: list[int]) -> list[int]:
    """The tips that are there, locked until the transaction ends: two workers do not do the same one."""
    rows = Tip.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return list(rows.values_list("pk", flat=True))
