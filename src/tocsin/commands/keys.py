"""`tocsin keys new|rotate|status|retire` and `tocsin door-role`: the hotline's key pair, and what the door may do."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tocsin.lib import keys


def add_parser(verbs: Any) -> None:
    """Register the verbs."""
    parser = verbs.add_parser(
        "keys", help="the hotline's key pair: make a new one, seal old rows again, look"
    )
    acts = parser.add_subparsers(dest="act", metavar="new|rotate|status|retire", required=True)
    new = acts.add_parser("new", help="make a new pair; the old private key is kept and still opens old rows")
    new.set_defaults(run=run_new)
    rotate = acts.add_parser("rotate", help="seal old rows to the new key; can be interrupted and run again")
    rotate.set_defaults(run=run_rotate)
    status = acts.add_parser("status", help="how many sealed values each key opens")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=run_status)
    retire = acts.add_parser("retire", help="put an old key away, once no row needs it any more")
    retire.add_argument("key", help="its id, as `tocsin keys status` shows it")
    retire.set_defaults(run=run_retire)
    role = verbs.add_parser("door-role", help="make the door's PostgreSQL role and grant what it needs")
    role.add_argument("--password-file", type=Path, help="let it sign in with the password in this file")
    role.set_defaults(run=run_door_role)


def _start() -> None:
    from tocsin.commands import django as start

    start.start_installed()


def run_new(_args: argparse.Namespace) -> int:
    """`tocsin keys new`."""
    _start()
    try:
        before, after = keys.replace_pair()
    except keys.KeyMissing as error:
        print(error, file=sys.stderr)
        return 1
    _audit("keys.made", new=after, old=before)
    print(
        f"New key {after}; the old one, {before}, is kept in {keys.folder() / 'old'} and opens what it sealed."
    )
    print("Now: back up the keys, give the door the new hotline.pub, restart door, console and worker,")
    print("then run `tocsin keys rotate`.")
    return 0


def run_rotate(_args: argparse.Namespace) -> int:
    """`tocsin keys rotate`."""
    _start()
    from rich.progress import Progress

    from tocsin.lib import rotation

    present = keys.name_of(keys.raw("hotline.pub"))
    standing = rotation.status()
    todo = sum(sum(counts.values()) for name, counts in standing.items() if name != present)
    done = 0
    with Progress(transient=True) as bar:
        task = bar.add_task("Sealing again", total=todo)
        for column, rows in rotation.reseal():
            done += rows
            _audit("keys.rotated", column=column, rows=rows, to=present)
            bar.update(task, completed=done)
    left = {name: sum(counts.values()) for name, counts in rotation.status().items() if name != present}
    print(f"{done} values were sealed again to {present}.")
    for name, count in left.items():
        word = (
            "are written by a process that still has the old key" if keys.old(name) else "have lost their key"
        )
        print(f"{count} values of {name} {word}.")
    if not left:
        print("No row needs an old key any more; backups made before today do: keep the old keys with them.")
    return 1 if left else 0


def run_status(args: argparse.Namespace) -> int:
    """`tocsin keys status`."""
    _start()
    from tocsin.lib import rotation

    present = keys.name_of(keys.raw("hotline.pub"))
    found = rotation.status()
    if args.json:
        print(json.dumps({"schema": "tocsin.keys.status", "version": 1, "present": present, "keys": found}))
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table("key", "values", "what it is")
    for name in sorted({present, *keys.old_names(), *found}):
        what = (
            "present" if name == present else "old, kept" if keys.old(name) else "its private key is not here"
        )
        table.add_row(name, f"{sum(found.get(name, {}).values()):,}", what)
    Console().print(table)
    return 0


def run_retire(args: argparse.Namespace) -> int:
    """`tocsin keys retire ID`."""
    _start()
    from tocsin.lib import rotation

    left = sum(rotation.status().get(args.key, {}).values())
    if left:
        print(
            f"{left} values still need {args.key}: run `tocsin keys rotate`. Nothing was changed.",
            file=sys.stderr,
        )
        return 1
    try:
        place = keys.retire(args.key)
    except keys.KeyMissing as error:
        print(error, file=sys.stderr)
        return 1
    _audit("keys.retired", old=args.key)
    print(
        f"{args.key} lies in {place.parent} and opens nothing any more. A door that was not restarted since"
    )
    print(
        "`tocsin keys new` still seals to it: restart it. Backups of before need this key: delete it with them."
    )
    return 0


def run_door_role(args: argparse.Namespace) -> int:
    """`tocsin door-role`."""
    _start()
    from django.db import DatabaseError, connection

    from tocsin.server import door_role

    if connection.vendor != "postgresql":
        print("Only PostgreSQL knows roles: on SQLite everything runs in one process.", file=sys.stderr)
        return 1
    password = args.password_file.read_text(encoding="utf-8").strip() if args.password_file else None
    try:
        door_role.apply(password)
    except DatabaseError as error:
        print(
            f"The role was not made: {str(error).splitlines()[0]} Nothing else was changed.", file=sys.stderr
        )
        return 1
    _audit("door.role_granted")
    print("The role `door` may store sealed rows and look up its own sealed copies, and nothing else.")
    return 0


def _audit(action: str, **detail: Any) -> None:
    from tocsin.audit.record import record
    from tocsin.lib.writing import write

    with write():
        record("cli:keys", action, "keys:hotline", **detail)
