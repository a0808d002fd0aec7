"""Links that are there learn when their tip was received, and are counted as new ones are."""

from __future__ import annotations

from typing import Any

from django.db import migrations

GLUES = ("site", "url")
BATCH = 500


def count_companions(apps: Any, _editor: Any) -> None:
    """Which other joining things are named beside a site or an address: in batches of tips, memory stays flat."""
    link, companion = apps.get_model("linking", "Link"), apps.get_model("linking", "Companion")
    named = link.objects.filter(joins=True, identifier__kind__in=GLUES)
    tips = list(named.order_by("tip_id").values_list("tip_id", flat=True).distinct())
    for start in range(0, len(tips), BATCH):
        rows = link.objects.filter(joins=True, tip__in=tips[start : start + BATCH])
        by_tip: dict[int, list[tuple[int, str]]] = {}
        for tip, pk, kind, canonical in rows.values_list(
            "tip_id", "identifier_id", "identifier__kind", "identifier__canonical"
        ):
            host = canonical.partition("/")[0].partition("?")[0] if kind in GLUES else ""
            by_tip.setdefault(tip, []).append((pk, host))
        pairs = {
            (one, other)
            for some in by_tip.values()
            for one, host in some
            if host
            for other, beside in some
            if other != one and beside != host
        }
        companion.objects.bulk_create(
            (companion(identifier_id=one, other_id=other) for one, other in sorted(pairs)),
            batch_size=BATCH,
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("linking", "0002_hubs_copies")]
    operations = [
        migrations.RunSQL(
            "UPDATE linking_link SET tip_at = "
            "(SELECT received_at FROM tips_tip WHERE tips_tip.id = linking_link.tip_id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "INSERT INTO linking_degree (identifier_id, tips) "
            "SELECT identifier_id, count(*) FROM linking_link GROUP BY identifier_id",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(count_companions, migrations.RunPython.noop),
    ]
