"""`tocsin import --format F FILE`: messages of a chat, a table or another system become tips, each once."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tocsin.tips.imports.run import Progress as Progress_
    from tocsin.tips.imports.run import Summary
    from tocsin.tips.imports.source import Options

FORMATS = ["telegram", "whatsapp", "csv", "jsonl", "paste", "xarf", "activitypub"]


class Refused(Exception):
    """Nothing was imported; the text says why and what to do."""


class Who(NamedTuple):
    """For whom the tips are taken in."""

    actor: str
    user_id: int | None
    campaign_id: int | None


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    one = verbs.add_parser("import", help="tips from a chat's export, a table or another system's reports")
    one.add_argument("file", type=Path)
    one.add_argument("--format", required=True, choices=FORMATS)
    one.add_argument(
        "--timezone", default="", help="where times without a zone were written: Europe/Paris or +08:00"
    )
    one.add_argument("--date-order", default="", choices=["dmy", "mdy", "ymd"], help="how 03/04/26 is read")
    one.add_argument(
        "--map", default="", metavar="text=COLUMN,...", help="columns of a CSV, by name or number"
    )
    one.add_argument("--campaign", default="", metavar="NAME", help="the campaign that the tips belong to")
    one.add_argument("--as", dest="login", default="", metavar="USER", help="who passes the messages on")
    one.add_argument("--json", action="store_true", help="print the figures for machines")
    one.set_defaults(run=run_import)


def run_import(args: argparse.Namespace) -> int:
    """`tocsin import`; exit status 1 if a row was rejected or the file could not be read to its end."""
    from tocsin.commands import django as start

    start.start_installed()
    from tocsin.tips.imports.source import Options, Unclear

    try:
        options = Options(args.timezone, args.date_order, _mapping(args.map))
        summary = _with_bar(args, options, _who(args.login, args.campaign))
    except (Refused, Unclear) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{args.file} cannot be read: {error.strerror}.", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(as_json(summary), ensure_ascii=False))
    else:
        _print(summary, args.file)
    if summary.broken:
        print(f"The file is broken at {summary.broken}. What stands before it was imported.", file=sys.stderr)
    return 1 if summary.rejected or summary.broken else 0


def _mapping(text: str) -> dict[str, str]:
    """`text=Message,time=Date` as names of ours -> columns."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if any(not mark or not name.strip() or not column.strip() for name, mark, column in pairs):
        raise Refused("--map is written like text=Message,time=Date.")
    return {name.strip(): column.strip() for name, _mark, column in pairs}


def _who(login: str, campaign: str) -> Who:
    from tocsin.accounts.models import User
    from tocsin.tips import campaign_names

    user = User.objects.filter(username=login, is_active=True).first() if login else None
    if login and user is None:
        raise Refused(f"There is no active person with the login {login!r}.")
    number = campaign_names.active(campaign) if campaign else None
    if campaign and number is None:
        raise Refused(f"There is no running campaign {campaign!r}.")
    return Who(user.actor if user else "cli:import", user.pk if user else None, number)


def _with_bar(args: argparse.Namespace, options: Options, who: Who) -> Summary:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from tocsin.tips.imports.run import run

    def go(progress: Progress_ | None) -> Summary:
        return run(
            args.file, args.format, options, who.actor, who.campaign_id, who.user_id, progress=progress
        )

    if args.json or not sys.stderr.isatty():
        return go(None)
    columns = (TextColumn("Importing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=args.file.stat().st_size)
        return go(lambda done: bar.update(task, completed=done))


def as_json(summary: Summary) -> dict[str, Any]:
    """The figures for machines."""
    return {
        "schema": "tocsin.import",
        "version": 1,
        "format": summary.format,
        "encoding": summary.encoding,
        "read": summary.read,
        "new": summary.new,
        "known": summary.known,
        "rejected": summary.rejected,
        "skipped": dict(summary.skipped),
        "media_left_out": summary.pictures,
        "doubtful_times": summary.doubtful,
        "broken": summary.broken,
        "rejected_file": str(summary.rejected_file or ""),
        "rejects": [{"line": row.line, "reason": row.reason} for row in summary.rejects],
    }


def _print(summary: Summary, file: Path) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column("", no_wrap=True)
    table.add_column("", justify="right")
    skipped = ", ".join(f"{count:,} {why}" for why, count in sorted(summary.skipped.items()))
    lines = [
        ("read", f"{summary.read:,}"), ("new tips", f"{summary.new:,}"), ("known already", f"{summary.known:,}"),
        ("rejected", f"{summary.rejected:,}"), ("skipped", skipped or "0"), ("media left out", f"{summary.pictures:,}"),
        ("doubtful times, kept", f"{summary.doubtful:,}"), ("read as", summary.encoding),
    ]  # fmt: skip
    for name, value in lines:
        table.add_row(name, value)
    Console(width=None if sys.stdout.isatty() else 100).print(table)
    if summary.rejected_file:
        print(f"The rejected rows are named, with the reasons, in {summary.rejected_file}.", file=sys.stderr)
    elif summary.rejected:
        print(f"No file could be made beside {file}: these rows were rejected.", file=sys.stderr)
        for row in summary.rejects:
            print(f"line {row.line}: {row.reason}", file=sys.stderr)
