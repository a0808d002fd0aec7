"""`tocsin process FILE`: tips from a file through the same doors and steps as the server, up to drafts.

Works in an embedded database of its own that is thrown away at the end (`--keep DIR` keeps it), so that it can
be tried on any file without touching an installation. Nothing is sent: drafts wait for people.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.commands.platforms import refuse_broken_platforms
from tocsin.lib.decoding import decode

if TYPE_CHECKING:
    from tocsin.cases.models import Case
    from tocsin.tips.paste import Line


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    process = verbs.add_parser("process", help="tips from FILE -> cases with drafted notices and referrals")
    process.add_argument(
        "file", type=Path, help="JSON lines, one message a line, or a pasted chat; - for standard input"
    )
    process.add_argument("--json", action="store_true", help="print the cases for machines")
    process.add_argument("--keep", type=Path, metavar="DIR", help="keep keys and database in this new folder")
    process.add_argument(
        "--platforms", type=Path, metavar="DIR", help="a directory of further platform files"
    )
    process.set_defaults(run=run_process)


def run_process(args: argparse.Namespace) -> int:
    """`tocsin process FILE`; exit status 1 if a line could not be read."""
    try:
        raw = sys.stdin.buffer.read() if str(args.file) == "-" else args.file.read_bytes()
    except OSError as error:
        print(f"{args.file} cannot be read: {error.strerror}. Nothing was done.", file=sys.stderr)
        return 1
    if args.keep and args.keep.exists() and any(args.keep.iterdir()):
        print(f"{args.keep} is not empty. Name a new folder; nothing was done.", file=sys.stderr)
        return 1
    text, found = decode(raw)
    if found.name != "UTF-8":
        print(f"Read as {found.name}.", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="tocsin-process-") as folder:
        return _inside(Path(args.keep or folder).resolve(), text, args.json, args.platforms)


def _inside(home: Path, text: str, as_json: bool, platforms: Path | None) -> int:
    for name in [key for key in os.environ if key.startswith(("TOCSIN_", "DATABASE_"))]:
        del os.environ[name]  # an installation's settings have no say in an embedded run
    os.environ.update(TOCSIN_HOME=str(home), TOCSIN_DEMONSTRATION="yes", TOCSIN_LOG_LEVEL="ERROR")
    if platforms is not None:
        os.environ["TOCSIN_PLATFORMS_DIR"] = str(platforms.resolve())
    refuse_broken_platforms()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    from tocsin.commands.setup import load_demonstration as load
    from tocsin.lib import keys

    keys.make()
    from tocsin.commands import django as start

    start.start()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0, skip_checks=True)
    load(with_tips=False)
    try:
        refused, ids = _take_in(text)
        _walk(len(ids))
        result = _result(ids, refused)
        failed = _failed(ids)
    finally:
        connections.close_all()
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _print_table(result)
    for line in refused:
        print(f"line {line['line']}: {line['reason']}", file=sys.stderr)
    for sentence in failed:
        print(sentence, file=sys.stderr)
    return 1 if failed or any(line["broken"] for line in refused) else 0


def _failed(ids: dict[str, str]) -> list[str]:
    """A sentence for each row that a step could not work on: the server would try it again, we say it."""
    from tocsin.lib.models import StepFailure
    from tocsin.tips.models import Tip

    names = {tip.pk: ids.get(tip.public_id, "?") for tip in Tip.objects.only("pk", "public_id")}
    return [
        f"{row.step} could not work on {names.get(row.source_id, row.source_id)}: {row.reason}"
        for row in StepFailure.objects.order_by("step", "source_id")
    ]


def _take_in(text: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Accept every line; returns what was refused and {tip's public id: the file's id}."""
    from tocsin.tips.accept import MAX_BYTES, accept
    from tocsin.tips.paste import parse
    from tocsin.tips.text import is_blank

    refused: list[dict[str, Any]] = []
    good: list[Line] = []
    for line in parse(text):
        if line.incoming is None:
            refused.append({"line": line.number, "id": line.id, "reason": line.reason, "broken": True})
        elif is_blank(line.incoming.text):
            refused.append(
                {"line": line.number, "id": line.id, "reason": "blank: nothing to keep", "broken": False}
            )
        elif (size := len(line.incoming.text.encode("utf-8", "surrogatepass"))) > MAX_BYTES:
            reason = f"{size:,} bytes: at most {MAX_BYTES:,} are taken"
            refused.append({"line": line.number, "id": line.id, "reason": reason, "broken": True})
        else:
            good.append(line)
    ids: dict[str, str] = {}
    for begin in range(0, len(good), 500):
        part = good[begin : begin + 500]
        taken = accept([line.incoming for line in part if line.incoming], "cli:process")
        ids.update({one.public_id: line.id for one, line in zip(taken, part, strict=True)})
    return refused, ids


def _walk(tips: int) -> None:
    """The worker's own steps, with a progress bar; then a draft for every case."""
    from rich.console import Console
    from rich.progress import Progress

    from tocsin.cases.models import Case, Placed
    from tocsin.dispatch import plan
    from tocsin.server import worker

    with Progress(transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task("Reading and linking", total=tips)
        while worker.run_once():
            bar.update(task, completed=Placed.objects.count())
        open_cases = list(Case.objects.filter(merged_into__isnull=True))
        task = bar.add_task("Drafting", total=len(open_cases))
        for case in open_cases:
            plan.draft(case)
            bar.advance(task)


def _result(ids: dict[str, str], refused: list[dict[str, Any]]) -> dict[str, Any]:
    from tocsin.cases.models import Case, Placed

    cases = Case.objects.filter(merged_into__isnull=True).order_by("lane_rank", "number")
    loose = Placed.objects.filter(loose=True).values_list("tip__public_id", flat=True)
    return {
        "schema": "tocsin.process",
        "version": 1,
        "tips": len(ids),
        "refused": refused,
        "cases": [_case(case, ids) for case in cases],
        "without_case": sorted(ids[public_id] for public_id in loose),
    }


def _case(case: Case, ids: dict[str, str]) -> dict[str, Any]:
    from tocsin.cases import queries
    from tocsin.dispatch.models import DispatchKind

    tips = case.case_tips.order_by("tip__received_at", "tip_id").values_list("tip__public_id", flat=True)
    drafts = [_dispatch(item) for item in case.dispatches.select_related("recipient").order_by("pk")]
    return {
        "number": case.number,
        "lane": case.lane,
        "reasons": queries.lane_sentences(case),
        "first_received_at": case.first_received_at.isoformat(),
        "last_received_at": case.last_received_at.isoformat(),
        "tips": [ids[public_id] for public_id in tips],
        "identifiers": [
            {
                "kind": row.kind,
                "platform": row.platform,
                "canonical": row.copy,
                "strength": row.strength,
                "role": row.role,
                "tips": row.tips,
            }
            for row in queries.identifiers_of(case)
            if not row.sealed
        ],
        "notices": [draft for draft in drafts if draft["type"] == DispatchKind.NOTICE],
        "referrals": [draft for draft in drafts if draft["type"] == DispatchKind.REFERRAL],
    }


def _dispatch(item: Any) -> dict[str, Any]:
    from tocsin.dispatch import queries

    rows = item.items.select_related("identifier").order_by("pk")
    return {
        "type": item.kind,
        "recipient": item.recipient.name,
        "country": item.recipient.country,
        "cities": item.recipient.cities,
        "state": item.state,
        "items": [
            {
                "kind": row.identifier.kind,
                "platform": row.identifier.platform,
                "canonical": row.identifier.canonical,
            }
            for row in rows
        ],
        "text": queries.draft_text(item),
    }


LANE_STYLE = {"immediate": "bold red", "high": "yellow", "normal": "", "low": "dim"}
SHOWN = 3  # identifiers of a case in the table; --json has them all


def _print_table(result: dict[str, Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=130)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Case", no_wrap=True, min_width=11)
    table.add_column("Lane", no_wrap=True, min_width=9)
    table.add_column("Tips", justify="right", no_wrap=True, min_width=4)
    table.add_column("Identifiers", no_wrap=True, overflow="ellipsis", width=32)
    table.add_column("Drafted for", no_wrap=True, overflow="ellipsis", width=26)
    table.add_column("Why", width=30)
    for case in result["cases"]:
        table.add_row(*_table_row(case))
    console.print(table)
    blank = sum(1 for line in result["refused"] if not line["broken"])
    console.print(
        f"{result['tips']} tips, {len(result['cases'])} cases, {len(result['without_case'])} tips in no case, "
        f"{blank} blank, {len(result['refused']) - blank} refused. Drafts wait for people; nothing was sent."
    )


def _table_row(case: dict[str, Any]) -> list[str]:
    from rich.markup import escape

    from tocsin.identifiers.extract import display

    names = [
        f"{_whose(one)} {display(one['kind'], one['platform'], one['canonical'])}"
        for one in case["identifiers"]
        if one["role"] != "bystander"
    ]
    to = [f"police: {draft['recipient']}" for draft in case["referrals"]]
    to += [draft["recipient"] for draft in case["notices"]]
    style = LANE_STYLE[case["lane"]]
    lane = f"[{style}]{case['lane']}[/]" if style else str(case["lane"])
    first, rest = case["reasons"][:2], len(case["reasons"]) - 2
    why = "\n".join([*first, f"… and {rest} more"] if rest > 0 else first)
    return [case["number"], lane, str(len(case["tips"])), _few(names), _few(to), escape(why)]


def _whose(one: dict[str, Any]) -> str:
    """Its platform; a group is named as one, because an account may have the same number."""
    return f"{one['platform']} group" if one["kind"] == "group" else str(one["platform"])


def _few(texts: list[str]) -> str:
    from rich.markup import escape

    more = [f"… and {len(texts) - SHOWN} more"] if len(texts) > SHOWN else []
    return escape("\n".join([*texts[:SHOWN], *more]).replace(" (demonstration)", ""))
