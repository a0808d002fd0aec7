"""`tocsin audit verify`: walk the chain and name the first row that does not hold."""

from __future__ import annotations

import argparse
import json
from typing import Any


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    audit = verbs.add_parser("audit", help="check the record of who did what")
    acts = audit.add_subparsers(dest="act", required=True)
    verify = acts.add_parser(
        "verify", help="walk the chain; exit status 1 and the first broken row if it does not hold"
    )
    verify.add_argument("--json", action="store_true", help="for machines")
    verify.set_defaults(run=run_verify)


def run_verify(args: argparse.Namespace) -> int:
    """`tocsin audit verify`."""
    from tocsin.commands import django as start

    start.start_installed()
    from rich.progress import Progress

    from tocsin.audit.chain import verify
    from tocsin.audit.models import AuditRow

    verdict = None
    with Progress(transient=True, disable=args.json) as bar:
        task = bar.add_task("Verifying", total=AuditRow.objects.filter(position__isnull=False).count())
        for rows, found in verify():
            bar.update(task, completed=rows)
            verdict = found or verdict
    assert verdict is not None  # noqa: S101 - verify() ends with one
    if args.json:
        facts = {"rows": verdict.rows, "unchained": verdict.unchained, "broken_at": verdict.broken_at}
        print(json.dumps({"schema": "tocsin.audit", "version": 1, **facts, "reason": verdict.reason}))
    elif verdict.broken_at is None:
        print(f"{verdict.rows} rows hold; {verdict.unchained} wait for the worker to chain them.")
    else:
        print(f"Broken at position {verdict.broken_at}: {verdict.reason}.")
    return 0 if verdict.broken_at is None else 1
