"""`tocsin backup FILE` and `tocsin restore FILE`: the database in one file, the keys in a second one.

Keep the two apart: the database without the keys holds sealed narratives, the keys without the database nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tocsin.lib import keys


class Refused(Exception):
    """Nothing was changed; the text says why and what to do."""


def add_parser(verbs: Any) -> None:
    """Register the verbs."""
    backup = verbs.add_parser("backup", help="write the database to FILE and the keys to FILE.keys")
    backup.add_argument("file", type=Path)
    backup.set_defaults(run=run_backup)
    restore = verbs.add_parser("restore", help="bring back a backup (FILE and FILE.keys)")
    restore.add_argument("file", type=Path)
    restore.add_argument("--keys", type=Path, help="the keys' file, if it is not FILE.keys")
    restore.add_argument(
        "--force", action="store_true", help="replace a database that is there (it is kept aside)"
    )
    restore.set_defaults(run=run_restore)


def _database() -> dict[str, Any]:
    from tocsin.server.settings import DATABASES

    return dict(DATABASES["default"])


def _is_sqlite(database: dict[str, Any]) -> bool:
    return str(database["ENGINE"]).endswith("sqlite3")


def run_backup(args: argparse.Namespace) -> int:
    """`tocsin backup FILE`."""
    return _say(lambda: make_backup(args.file))


def run_restore(args: argparse.Namespace) -> int:
    """`tocsin restore FILE`."""
    return _say(lambda: bring_back(args.file, args.keys or _keys_file(args.file), args.force))


def _say(act: Any) -> int:
    try:
        print(act())
    except (Refused, sqlite3.Error, OSError, subprocess.CalledProcessError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    return 0


def _keys_file(file: Path) -> Path:
    return file.with_name(file.name + ".keys")


def make_backup(file: Path) -> str:
    """Write both files (mode 0600, never over an existing one); returns the sentence to print."""
    for path in (file, _keys_file(file)):
        if path.exists():
            raise Refused(f"{path} exists already; nothing was written. Choose another name.")
    database = _database()
    part = file.with_name(file.name + ".part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    if _is_sqlite(database):
        _copy_sqlite(Path(database["NAME"]), part)
    else:
        _postgres(database, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}"])
    part.replace(file)
    _write_keys(_keys_file(file))
    return f"Database: {file}\nKeys:     {_keys_file(file)}   (keep them in another place than the database)"


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup: a consistent copy while others write, with a progress bar."""
    from rich.progress import Progress

    if not source.exists():
        raise Refused(f"There is no database at {source} to back up.")
    with (
        Progress(transient=True) as bar,
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        task = bar.add_task("Copying", total=None)

        def show(_status: int, remaining: int, total: int) -> None:
            bar.update(task, total=total, completed=total - remaining)

        old.backup(new, pages=2048, progress=show)
        # the copy is a plain file without a WAL beside it
        new.execute("PRAGMA journal_mode=DELETE")


def _postgres(database: dict[str, Any], command: list[str]) -> None:
    env = {**os.environ, "PGPASSWORD": str(database["PASSWORD"] or "")}
    options = ["--host", str(database["HOST"] or "localhost"), "--username", str(database["USER"] or "")]
    if database["PORT"]:
        options += ["--port", str(database["PORT"])]
    if shutil.which(command[0]) is None:
        raise Refused(
            f"{command[0]} was not found: install PostgreSQL's client programs. Nothing was changed."
        )
    done = subprocess.run(
        [*command[:1], *options, "--dbname", str(database["NAME"]), *command[1:]],
        env=env, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise Refused(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _write_keys(file: Path) -> None:
    content = {
        "schema": "tocsin.keys",
        "version": 1,
        "keys": {name: keys.load(name) for name in keys.NAMES},
        "old": {
            name: keys.old(name) for name in keys.old_names()
        },  # what they sealed may not be sealed again yet
    }
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(content, handle, indent=1)
        handle.write("\n")


def bring_back(file: Path, keys_file: Path, force: bool) -> str:
    """Restore both files. A database with tips in it is only replaced with `force`, and then kept aside."""
    for path in (file, keys_file):
        if not path.exists():
            raise Refused(
                f"{path} is missing. Both the database and its keys are needed; nothing was changed."
            )
    stored = json.loads(keys_file.read_text(encoding="utf-8"))
    if stored.get("schema") != "tocsin.keys":
        raise Refused(f"{keys_file} does not hold Tocsin's keys; nothing was changed.")
    database = _database()
    if _is_sqlite(database):
        _restore_sqlite(file, Path(database["NAME"]), force)
    else:
        _postgres_is_free(force)
        _postgres(
            # grants are not brought back: the other cluster may not have the role; `tocsin init` renews them
            database,
            [
                "pg_restore",
                "--clean",
                "--if-exists",
                "--no-owner",
                "--no-privileges",
                "--exit-on-error",
                str(file),
            ],
        )
    _restore_keys(stored["keys"])
    for name, value in stored.get("old", {}).items():
        keys.keep_old(name, value)
    return "The backup is back: database and keys. Start Tocsin again; it brings the database up to date."


def _restore_sqlite(file: Path, target: Path, force: bool) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as check:
        try:
            sound = check.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        except sqlite3.DatabaseError:
            sound = False
    if not sound:
        raise Refused(f"{file} is not a sound SQLite database; nothing was changed.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if target.exists():
        if not force:
            raise Refused(
                f"{target} exists. Use --force to replace it (it is kept aside); nothing was changed."
            )
        for suffix in ("", "-wal", "-shm"):
            old = target.with_name(target.name + suffix)
            if old.exists():
                old.replace(old.with_name(f"before-restore-{old.name}"))
    part = target.with_name(target.name + ".part")
    shutil.copyfile(file, part)
    part.chmod(0o600)
    part.replace(target)


def _postgres_is_free(force: bool) -> None:
    if force:
        return
    from tocsin.commands import django as start

    start.start()
    from django.db import connection

    if connection.introspection.table_names():
        raise Refused(
            "The PostgreSQL database is not empty. Use --force to replace its tables; nothing was changed."
        )
    connection.close()


def _restore_keys(stored: dict[str, str]) -> None:
    folder = keys.folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (
        stored.keys() & keys.NAMES.keys()
    ):  # an older backup lacks the keys that came later: init makes them
        file = folder / name
        if file.exists() and file.read_text(encoding="ascii").strip() != stored[name]:
            # a key is never overwritten: something may still be sealed with it
            file.replace(file.with_name(f"before-restore-{name}"))
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as handle:
                handle.write(stored[name] + "\n")
    keys.load.cache_clear()
