"""`tocsin stats`: the hotline's figures, exact beside what the public reads."""

from __future__ import annotations

import argparse
import getpass
import json
from typing import Any


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    stats = verbs.add_parser("stats", help="the hotline's figures; publish the public ones now")
    stats.add_argument("--json", action="store_true", help="for machines")
    stats.add_argument(
        "--publish", action="store_true", help="publish the public figures at once, not once a day"
    )
    stats.set_defaults(run=run_stats)


def run_stats(args: argparse.Namespace) -> int:
    """`tocsin stats [--json] [--publish]`."""
    from tocsin.commands import django as start

    start.start_installed()
    from tocsin.statistics.figures import exact, public
    from tocsin.statistics.publish import last_published, publish

    if args.publish:
        publish(f"cli:{getpass.getuser()}")
    figures, at = exact(), last_published()
    if args.json:
        published = at.isoformat() if at else None
        print(
            json.dumps(
                {
                    "schema": "tocsin.stats",
                    "version": 1,
                    "published_at": published,
                    "exact": figures,
                    "public": public(figures),
                }
            )
        )
    else:
        _table(figures)
        print(f"Published: {at:%Y-%m-%d %H:%M} UTC" if at else "Not published yet: --publish does it now.")
    return 0


def _table(figures: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from tocsin.statistics.table import rows

    counts, medians, held = rows(figures)
    table = Table(title="Figures")
    for head, side in (("", "left"), ("exact", "right"), ("cases", "right"), ("the public reads", "right")):
        table.add_column(head, justify="left" if side == "left" else "right")
    for row in [*counts, *medians]:
        table.add_row(row.label, row.exact, "" if row.cases is None else str(row.cases), row.public)
    Console().print(table)
    if held:
        print(f"{held} held case(s) are left out of every figure.")
