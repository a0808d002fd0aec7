"""`tocsin signals`: check a file of signals, try it on past cases, bring past cases in line with the one in force."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.cases.weighing import Moved, Trial

EXAMPLES = 10  # cases that are shown in words, each way
LANES = ("immediate", "high", "normal", "low")


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    verb = verbs.add_parser("signals", help="what makes a tip urgent: check a file, try it, apply it")
    acts = verb.add_subparsers(dest="act", required=True)
    check = acts.add_parser("check", help="is this file usable? Says file, line and reason of each error")
    check.add_argument(
        "file", type=Path, nargs="?", help="default: the hotline's own, TOCSIN_HOME/signals.toml"
    )
    check.add_argument("--json", action="store_true", help="for machines")
    check.set_defaults(run=run_check)
    trial = acts.add_parser("try", help="which cases would this file put into another lane? Writes nothing")
    trial.add_argument("file", type=Path)
    trial.add_argument("--json", action="store_true", help="for machines")
    trial.set_defaults(run=run_try)
    apply = acts.add_parser("apply", help="reckon all cases anew with the signals in force")
    apply.add_argument("--json", action="store_true", help="for machines")
    apply.set_defaults(run=run_apply)


def run_check(args: argparse.Namespace) -> int:
    """`tocsin signals check [FILE] [--json]`. Needs no database and no key."""
    from tocsin.commands import django as start

    start.start()
    from tocsin.cases import signals_file

    file = args.file or signals_file.own_file()
    own_missing = args.file is None and not file.exists()
    problems = _problems(signals_file.SHIPPED if own_missing else file)
    in_force = signals_file.in_force()
    if args.json:
        found = [{"file": one.file, "line": one.line, "reason": one.reason} for one in problems]
        facts = {"ok": not problems, "problems": found, "in_force": str(in_force.file)}
        print(json.dumps({"schema": "tocsin.signals.check", "version": 1, **facts}))
    else:
        for one in problems:
            print(one, file=sys.stderr)
        if own_missing:
            print(f"There is no {file}: the signals that come with Tocsin are in force.")
        elif not problems:
            print(f"{file} can be used.")
        print(f"In force: {in_force.file} (version {in_force.signals.version})")
    return 1 if problems else 0


def _problems(file: Path) -> list[Any]:
    from tocsin.cases import signals_file
    from tocsin.cases.signals_data import SignalsError

    try:
        signals_file.read(file)
    except SignalsError as error:
        return error.problems
    return []


def run_try(args: argparse.Namespace) -> int:
    """`tocsin signals try FILE [--json]`."""
    from tocsin.commands import django as start

    start.start_installed()
    from tocsin.cases import signals_file, weighing

    problems = _problems(args.file)
    if problems:
        for one in problems:
            print(one, file=sys.stderr)
        return 1
    trial = weighing.begin(signals_file.read(args.file))
    stopped = False
    try:
        with _bar("Trying", trial.total, args.json) as advance, _key_needed():
            for _ in weighing.trying(trial):
                advance(trial.tips)
    except KeyboardInterrupt:
        stopped = True
    weighing.tried(trial, args.file, f"cli:{getpass.getuser()}")
    if args.json:
        print(json.dumps(_facts(trial, stopped), ensure_ascii=False))
    else:
        _tell(trial, stopped)
    return 130 if stopped else 0


def run_apply(args: argparse.Namespace) -> int:
    """`tocsin signals apply [--json]`."""
    from tocsin.commands import django as start

    start.start_installed()
    from tocsin.cases import signals_file, weighing
    from tocsin.cases.models import Scored

    in_force = signals_file.in_force()
    if in_force.problems:
        for one in in_force.problems:
            print(one, file=sys.stderr)
        print("Correct the file first: nothing was changed.", file=sys.stderr)
        return 1
    done = 0
    with _bar("Applying", Scored.objects.count(), args.json) as advance, _key_needed():
        for done, _total in weighing.applying(f"cli:{getpass.getuser()}"):
            advance(done)
    if args.json:
        print(json.dumps({"schema": "tocsin.signals.apply", "version": 1, "tips": done}))
    else:
        print(f"{done} tips were read again with {in_force.file}; their cases stand where it puts them.")
    return 0


@contextmanager
def _bar(what: str, total: int, quiet: bool) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(transient=True, disable=quiet, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def _key_needed() -> Iterator[None]:
    from tocsin.lib.keys import KeyMissing

    try:
        yield
    except KeyMissing as error:
        sys.exit(f"The texts of tips cannot be opened here: {error}")


def _facts(trial: Trial, stopped: bool) -> dict[str, Any]:
    return {
        "schema": "tocsin.signals.try",
        "version": 1,
        "complete": not stopped,
        "tips": trial.tips,
        "cases": trial.cases,
        "lanes": {lane: {"before": trial.before[lane], "after": trial.after[lane]} for lane in LANES},
        "moved": [
            {
                "case": one.number,
                "before": one.before,
                "after": one.after,
                "because": _words(one.because, trial),
                "no_more": _words(one.gone, trial),
            }
            for one in trial.moved
        ],
    }


def _tell(trial: Trial, stopped: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Cases a lane")
    for head in ("lane", "now", "with this file"):
        table.add_column(head, justify="left" if head == "lane" else "right")
    for lane in LANES:
        table.add_row(lane, str(trial.before[lane]), str(trial.after[lane]))
    Console().print(table)
    up = sum(one.raised for one in trial.moved)
    print(f"{len(trial.moved)} of {trial.cases} cases would change: {up} up, {len(trial.moved) - up} down.")
    for raised in (True, False):
        for one in trial.examples(raised, EXAMPLES):
            print(_line(one, trial))
    if stopped:
        print(f"Stopped after {trial.tips} of {trial.total} tips: these figures are of a part.")
    print("Nothing was changed.")


def _line(one: Moved, trial: Trial) -> str:
    because = "; ".join(_words(one.because, trial)) or "nothing urgent is found"
    gone = "; ".join(_words(one.gone, trial))
    return f"  {one.number}: {one.before} -> {one.after}: {because}" + (f" (no more: {gone})" if gone else "")


def _words(names: list[str], trial: Trial) -> list[str]:
    """The sentences in English: of the tried file, or of the one in force for what it no longer has."""
    from tocsin.cases import signals

    known = trial.known.by_name
    return [known[name].sentences["en"] if name in known else signals.sentence(name, "en") for name in names]
